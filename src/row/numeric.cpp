#include "row/numeric.hpp"

#include "row/conversion.hpp"
#include "wharf/row/bytes.hpp"

#include <array>
#include <cstdint>

namespace wharf::detail {
namespace {

constexpr std::uint16_t negative = 0x4000;
constexpr std::uint16_t not_a_number = 0xC000;
constexpr std::uint16_t infinity = 0xD000;
constexpr std::uint16_t minus_infinity = 0xF000;
constexpr int most_weight = 131072 / 4;
constexpr int most_scale = 16383;

void append_group(std::string& out, unsigned group) {
    const std::array<char, 4> digits{static_cast<char>('0' + group / 1000), static_cast<char>('0' + group / 100 % 10),
                                     static_cast<char>('0' + group / 10 % 10), static_cast<char>('0' + group % 10)};
    out.append(digits.data(), digits.size());
}

} // namespace

std::string numeric_text(const cell_view& cell) {
    constexpr std::size_t header = 8;
    const auto bytes = cell.bytes;
    if (bytes.size() < header) refuse_bytes(cell);
    const int count = load<std::uint16_t>(bytes.data());
    const int weight = load<std::int16_t>(bytes.data() + 2); // the first group counts 10000^weight
    const auto sign = load<std::uint16_t>(bytes.data() + 4);
    const int scale = load<std::uint16_t>(bytes.data() + 6);
    if (bytes.size() != header + 2 * static_cast<std::size_t>(count)) refuse_bytes(cell);
    if (sign == not_a_number) return "NaN";
    if (sign == infinity) return "Infinity";
    if (sign == minus_infinity) return "-Infinity";
    if ((sign != 0 && sign != negative) || weight > most_weight || scale > most_scale) refuse_bytes(cell);

    const auto group = [&](int index) -> unsigned {
        if (index < 0 || index >= count) return 0;
        const auto value = load<std::uint16_t>(bytes.data() + header + 2 * static_cast<std::size_t>(index));
        if (value > 9999) refuse_bytes(cell);
        return value;
    };
    std::string whole;
    for (int index = 0; index <= weight; ++index)
        append_group(whole, group(index));
    const auto first = whole.find_first_not_of('0');
    whole.erase(0, first == std::string::npos ? whole.size() : first);
    if (whole.empty()) whole = "0";
    if (sign == negative) whole.insert(0, 1, '-');
    if (scale == 0) return whole;

    std::string fraction;
    for (int index = weight + 1; fraction.size() < static_cast<std::size_t>(scale); ++index)
        append_group(fraction, group(index));
    fraction.resize(static_cast<std::size_t>(scale));
    return whole + '.' + fraction;
}

} // namespace wharf::detail
