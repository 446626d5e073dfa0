#include "wharf/row/bit_string.hpp"

#include "row/conversion.hpp"
#include "wharf/row/bytes.hpp"

#include <cstring>
#include <limits>

namespace wharf {
namespace {

constexpr std::string_view target = "wharf::bit_string";

} // namespace

std::optional<bit_string> bit_string::parse(std::string_view text) {
    bit_string value(text.size());
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] != '0' && text[index] != '1') return std::nullopt;
        if (text[index] == '1') value.set(index);
    }
    return value;
}

std::string to_string(const bit_string& value) {
    std::string text(value.size(), '0');
    for (std::size_t index = 0; index < value.size(); ++index)
        if (value[index]) text[index] = '1';
    return text;
}

// Source: PostgreSQL, src/backend/utils/adt/varbit.c (varbit_send).
void codec<bit_string>::encode(const bit_string& value, std::string& out) {
    if (value.size_ > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        detail::refuse_encoding(target, type);
    append(out, static_cast<std::int32_t>(value.size_));
    out.append(reinterpret_cast<const char*>(value.bytes_.data()), value.bytes_.size());
}

void codec<bit_string>::decode(const cell_view& cell, bit_string& out) {
    if (detail::is_text(cell)) {
        auto value = bit_string::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, target);
        out = *std::move(value);
        return;
    }
    if (cell.type != type_oid::bit && cell.type != type_oid::varbit) detail::refuse_type(cell, target);
    constexpr std::size_t header = sizeof(std::int32_t);
    if (cell.bytes.size() < header) detail::refuse_bytes(cell);
    const std::int64_t size = load<std::int32_t>(cell.bytes.data());
    const auto content = cell.bytes.substr(header);
    if (size < 0 || static_cast<std::size_t>((size + 7) / 8) != content.size()) detail::refuse_bytes(cell);
    const auto last_bits = static_cast<unsigned>(size % 8);
    if (last_bits != 0 && (static_cast<std::uint8_t>(content.back()) & (0xFFU >> last_bits)) != 0)
        detail::refuse_bytes(cell);
    out.bytes_.assign(content.begin(), content.end());
    out.size_ = static_cast<std::size_t>(size);
}

} // namespace wharf
