#include "row/float_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace wharf::detail {
namespace {

template <class Float>
void append_shortest(std::string& out, Float value) {
    if (std::isnan(value)) return void(out += "NaN");
    if (std::isinf(value)) return void(out += value < 0 ? "-Infinity" : "Infinity");
    std::array<char, 400> digits{};
    const auto write = [&](std::chars_format format) {
        return std::to_chars(digits.data(), digits.data() + digits.size(), value, format).ptr;
    };
    auto* end = write(std::chars_format::scientific);
    // With an exponent where it is below -5, or has no fewer digits than the type surely keeps.
    const std::string_view scientific(digits.data(), static_cast<std::size_t>(end - digits.data()));
    int exponent = 0;
    auto from = scientific.find('e') + 1;
    if (scientific[from] == '+') ++from;
    std::from_chars(scientific.data() + from, scientific.data() + scientific.size(), exponent);
    if (exponent >= -4 && exponent < std::numeric_limits<Float>::digits10) end = write(std::chars_format::fixed);
    out.append(digits.data(), end);
}

} // namespace

void append_float(std::string& out, double value) {
    append_shortest(out, value);
}

void append_float(std::string& out, float value) {
    append_shortest(out, value);
}

} // namespace wharf::detail
