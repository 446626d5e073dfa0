#include "row/float_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <type_traits>

namespace wharf::detail {
namespace {

/// PostgreSQL does not rely on halves being rounded to even: digits half-way between two numbers are not enough to it.
template <class Float>
bool is_halfway(std::string_view digits, Float value) noexcept {
    using wide = std::conditional_t<std::is_same_v<Float, float>, double, long double>;
    wide spelled{};
    std::from_chars(digits.data(), digits.data() + digits.size(), spelled);
    const auto half_to = [&](Float neighbour) { return (wide{value} + wide{neighbour}) / 2 == spelled; };
    constexpr auto infinity = std::numeric_limits<Float>::infinity();
    return half_to(std::nextafter(value, -infinity)) || half_to(std::nextafter(value, infinity));
}

template <class Float>
void append_shortest(std::string& out, Float value) {
    if (std::isnan(value)) return void(out += "NaN");
    if (std::isinf(value)) return void(out += value < 0 ? "-Infinity" : "Infinity");
    std::array<char, 400> buffer{};
    char* const begin = buffer.data();
    char* const limit = begin + buffer.size();
    auto* end = std::to_chars(begin, limit, value, std::chars_format::scientific).ptr;
    std::string_view text(begin, static_cast<std::size_t>(end - begin));
    const auto mantissa = text.substr(0, text.find('e'));
    auto digits = static_cast<int>(std::ranges::count_if(mantissa, [](char c) { return c >= '0' && c <= '9'; }));
    bool halfway = false;
    while (is_halfway(text, value)) {
        halfway = true;
        end = std::to_chars(begin, limit, value, std::chars_format::scientific, digits++).ptr;
        text = {begin, static_cast<std::size_t>(end - begin)};
    }
    int exponent = 0;
    auto from = text.find('e') + 1;
    if (text[from] == '+') ++from;
    std::from_chars(text.data() + from, text.data() + text.size(), exponent);
    // With an exponent where it is below -4, or has no fewer digits than the type surely keeps.
    if (exponent >= -4 && exponent < std::numeric_limits<Float>::digits10) {
        const int fraction = std::max(digits - 1 - exponent, 0);
        end = halfway ? std::to_chars(begin, limit, value, std::chars_format::fixed, fraction).ptr
                      : std::to_chars(begin, limit, value, std::chars_format::fixed).ptr;
    }
    out.append(begin, end);
}

} // namespace

void append_float(std::string& out, double value) {
    append_shortest(out, value);
}

void append_float(std::string& out, float value) {
    append_shortest(out, value);
}

} // namespace wharf::detail
