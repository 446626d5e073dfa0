#include "wharf/row/system_types.hpp"

#include "row/conversion.hpp"
#include "wharf/row/bytes.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace wharf {
namespace {

/// The whole text as a number.
template <class Number>
bool parse_number(std::string_view text, Number& out, int base = 10) noexcept {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return error == std::errc() && stop == text.data() + text.size();
}

void append_hex(std::uint32_t value, std::string& out) {
    std::array<char, 8> digits{};
    auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    for (const char* at = digits.data(); at != end; ++at)
        out += *at >= 'a' ? static_cast<char>(*at - 'a' + 'A') : *at;
}

template <class T>
bool decode_text(const cell_view& cell, std::string_view target, T& out) {
    if (!detail::is_text(cell)) return false;
    const auto value = T::parse(cell.bytes);
    if (!value) detail::refuse_text(cell, target);
    out = *value;
    return true;
}

template <class T>
void expect_type(const cell_view& cell, std::string_view target, std::size_t size) {
    if (cell.type != codec<T>::type) detail::refuse_type(cell, target);
    detail::expect_size(cell, size);
}

} // namespace

std::optional<tid> tid::parse(std::string_view text) noexcept {
    if (text.size() < 2 || text.front() != '(' || text.back() != ')') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    const auto comma = text.find(',');
    tid value;
    if (comma == std::string_view::npos || !parse_number(text.substr(0, comma), value.block) ||
        !parse_number(text.substr(comma + 1), value.offset))
        return std::nullopt;
    return value;
}

std::optional<pg_lsn> pg_lsn::parse(std::string_view text) noexcept {
    const auto slash = text.find('/');
    std::uint32_t high = 0;
    std::uint32_t low = 0;
    if (slash == std::string_view::npos || !parse_number(text.substr(0, slash), high, 16) ||
        !parse_number(text.substr(slash + 1), low, 16))
        return std::nullopt;
    return pg_lsn{std::uint64_t{high} << 32 | low};
}

std::optional<money> money::parse(std::string_view text) noexcept {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    constexpr std::size_t fraction = 3; // with the point
    if (text.size() <= fraction || text[text.size() - fraction] != '.') return std::nullopt;
    std::uint64_t whole = 0;
    std::uint64_t cents = 0;
    if (!parse_number(text.substr(0, text.size() - fraction), whole) ||
        !parse_number(text.substr(text.size() - fraction + 1), cents))
        return std::nullopt;
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    if (whole > largest / 100) return std::nullopt;
    cents += whole * 100;
    if (cents > largest + (negative ? 1 : 0)) return std::nullopt;
    return money{static_cast<std::int64_t>(negative ? 0 - cents : cents)};
}

std::string to_string(const tid& value) {
    return '(' + std::to_string(value.block) + ',' + std::to_string(value.offset) + ')';
}

std::string to_string(const pg_lsn& value) {
    std::string text;
    append_hex(static_cast<std::uint32_t>(value.position >> 32), text);
    text += '/';
    append_hex(static_cast<std::uint32_t>(value.position), text);
    return text;
}

std::string to_string(const money& value) {
    const auto bits = static_cast<std::uint64_t>(value.cents);
    const auto cents = value.cents < 0 ? 0 - bits : bits;
    std::string text = value.cents < 0 ? "-" : "";
    text += std::to_string(cents / 100);
    text += '.';
    text += static_cast<char>('0' + cents / 10 % 10);
    text += static_cast<char>('0' + cents % 10);
    return text;
}

void codec<tid>::encode(const tid& value, std::string& out) {
    append(out, value.block);
    append(out, value.offset);
}

void codec<tid>::decode(const cell_view& cell, tid& out) {
    if (decode_text(cell, "wharf::tid", out)) return;
    expect_type<tid>(cell, "wharf::tid", sizeof out.block + sizeof out.offset);
    out.block = load<std::uint32_t>(cell.bytes.data());
    out.offset = load<std::uint16_t>(cell.bytes.data() + sizeof out.block);
}

void codec<pg_lsn>::encode(const pg_lsn& value, std::string& out) {
    append(out, value.position);
}

void codec<pg_lsn>::decode(const cell_view& cell, pg_lsn& out) {
    if (decode_text(cell, "wharf::pg_lsn", out)) return;
    expect_type<pg_lsn>(cell, "wharf::pg_lsn", sizeof out.position);
    out.position = load<std::uint64_t>(cell.bytes.data());
}

void codec<money>::encode(const money& value, std::string& out) {
    append(out, value.cents);
}

void codec<money>::decode(const cell_view& cell, money& out) {
    if (decode_text(cell, "wharf::money", out)) return;
    expect_type<money>(cell, "wharf::money", sizeof out.cents);
    out.cents = load<std::int64_t>(cell.bytes.data());
}

} // namespace wharf
