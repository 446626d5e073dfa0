#include "row/numeric.hpp"

#include "row/conversion.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/decimal.hpp"
#include "wharf/row/numbers.hpp"

#include <cstdint>

namespace wharf {
namespace {

constexpr std::uint16_t negative_sign = 0x4000;
constexpr std::uint16_t not_a_number = 0xC000;
constexpr std::uint16_t positive_infinity = 0xD000;
constexpr std::uint16_t negative_infinity = 0xF000;
constexpr int most_weight = decimal::most_whole_digits / 4 - 1;
constexpr std::string_view target = "wharf::decimal";

void append_header(std::string& out, std::size_t groups, int weight, std::uint16_t sign, int scale) {
    append(out, static_cast<std::uint16_t>(groups));
    append(out, static_cast<std::int16_t>(weight));
    append(out, sign);
    append(out, static_cast<std::uint16_t>(scale));
}

/// Whether no group has digits that are not 0 behind the last one of the scale.
bool within_scale(const std::u16string& groups, int weight, int scale) noexcept {
    if (groups.empty()) return true;
    const int digits_behind = (static_cast<int>(groups.size()) - 1 - weight) * 4;
    if (digits_behind <= scale) return true;
    const int surplus = digits_behind - scale;
    if (surplus >= 4) return false; // the last group is not 0
    const unsigned unit = surplus == 1 ? 10 : surplus == 2 ? 100 : 1000;
    return groups.back() % unit == 0;
}

} // namespace

void codec<decimal>::encode(const decimal& value, std::string& out) {
    using kind = decimal::kind;
    switch (value.kind_) {
    case kind::nan:
        return append_header(out, 0, 0, not_a_number, 0);
    case kind::infinity:
        return append_header(out, 0, 0, positive_infinity, 0);
    case kind::minus_infinity:
        return append_header(out, 0, 0, negative_infinity, 0);
    case kind::positive:
    case kind::negative:
        break;
    }
    append_header(out, value.groups_.size(), value.weight_, value.kind_ == kind::negative ? negative_sign : 0,
                  value.scale_);
    for (const auto group : value.groups_)
        append(out, static_cast<std::uint16_t>(group));
}

void codec<decimal>::decode(const cell_view& cell, decimal& out) {
    if (detail::is_text(cell)) {
        auto value = decimal::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, target);
        out = *std::move(value);
        return;
    }
    switch (cell.type) {
    case type_oid::numeric:
        break;
    case type_oid::float4: {
        float number{};
        codec<float>::decode(cell, number);
        out = decimal(number);
        return;
    }
    case type_oid::float8: {
        double number{};
        codec<double>::decode(cell, number);
        out = decimal(number);
        return;
    }
    case type_oid::int2:
    case type_oid::int4:
    case type_oid::int8:
    case type_oid::oid: {
        std::int64_t number{};
        codec<std::int64_t>::decode(cell, number);
        out = decimal(number);
        return;
    }
    default:
        detail::refuse_type(cell, target);
    }

    constexpr std::size_t header = 8;
    const auto bytes = cell.bytes;
    if (bytes.size() < header) detail::refuse_bytes(cell);
    const std::size_t count = load<std::uint16_t>(bytes.data());
    const int weight = load<std::int16_t>(bytes.data() + 2);
    const auto sign = load<std::uint16_t>(bytes.data() + 4);
    const int scale = load<std::uint16_t>(bytes.data() + 6);
    if (bytes.size() != header + 2 * count) detail::refuse_bytes(cell);
    if (sign == not_a_number) return void(out = decimal::nan());
    if (sign == positive_infinity) return void(out = decimal::infinity());
    if (sign == negative_infinity) return void(out = decimal::minus_infinity());
    if ((sign != 0 && sign != negative_sign) || weight > most_weight || scale > decimal::most_scale)
        detail::refuse_bytes(cell);

    out.groups_.resize(count);
    for (std::size_t at = 0; at < count; ++at) {
        const auto group = load<std::uint16_t>(bytes.data() + header + 2 * at);
        if (group > 9999) detail::refuse_bytes(cell);
        out.groups_[at] = static_cast<char16_t>(group);
    }
    out.weight_ = weight;
    out.kind_ = sign == negative_sign ? decimal::kind::negative : decimal::kind::positive;
    out.strip();
    out.scale_ = scale;
    if (!within_scale(out.groups_, out.weight_, scale)) detail::refuse_bytes(cell);
}

std::string detail::numeric_text(const cell_view& cell) {
    decimal value;
    codec<decimal>::decode(cell, value);
    return to_string(value);
}

} // namespace wharf
