#include "wharf/row/numbers.hpp"

#include "row/conversion.hpp"
#include "row/numeric.hpp"
#include "wharf/row/bytes.hpp"

#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <utility>

namespace wharf {
namespace {

template <class Number>
constexpr std::string_view name_of_number() {
    if constexpr (std::same_as<Number, float>) return "float";
    if constexpr (std::same_as<Number, double>) return "double";
    constexpr bool is_signed = std::is_signed_v<Number>;
    if constexpr (sizeof(Number) == 1) return is_signed ? "std::int8_t" : "std::uint8_t";
    if constexpr (sizeof(Number) == 2) return is_signed ? "std::int16_t" : "std::uint16_t";
    if constexpr (sizeof(Number) == 4) return is_signed ? "std::int32_t" : "std::uint32_t";
    return is_signed ? "std::int64_t" : "std::uint64_t";
}

template <class Number>
void assign(const cell_view& cell, std::int64_t value, Number& out) {
    if constexpr (std::integral<Number>) {
        if (!std::in_range<Number>(value)) detail::refuse_range(cell, name_of_number<Number>());
        out = static_cast<Number>(value);
    } else {
        // Integers beyond the mantissa may still be exact, but 2^digits is where the first ones are not.
        constexpr auto limit = std::int64_t{1} << std::numeric_limits<Number>::digits;
        if (value > limit || value < -limit) detail::refuse_range(cell, name_of_number<Number>());
        out = static_cast<Number>(value);
    }
}

template <class Number>
void assign_unsigned(const cell_view& cell, std::uint64_t value, Number& out) {
    if constexpr (std::same_as<Number, std::uint64_t>) {
        out = value;
    } else {
        if (!std::in_range<std::int64_t>(value)) detail::refuse_range(cell, name_of_number<Number>());
        assign(cell, static_cast<std::int64_t>(value), out);
    }
}

template <class Number>
void assign_double(const cell_view& cell, double value, Number& out) {
    if constexpr (std::same_as<Number, double>) {
        out = value;
    } else if constexpr (std::same_as<Number, float>) {
        const bool in_range = !std::isfinite(value) || std::fabs(value) <= double{std::numeric_limits<float>::max()};
        if (!in_range) detail::refuse_range(cell, "float");
        const auto narrow = static_cast<float>(value);
        if (!std::isnan(value) && double{narrow} != value) detail::refuse_range(cell, "float");
        out = narrow;
    } else {
        detail::refuse_type(cell, name_of_number<Number>());
    }
}

template <class Number>
void assign_text(const cell_view& cell, std::string_view text, Number& out) {
    const auto* end = text.data() + text.size();
    auto digits_end = end;
    if constexpr (std::integral<Number>) {
        // 12.00 is an integer, 12.50 is none.
        const auto point = text.find('.');
        if (point != std::string_view::npos) {
            if (text.find_first_not_of('0', point + 1) != std::string_view::npos)
                detail::refuse_range(cell, name_of_number<Number>());
            digits_end = text.data() + point;
        }
    }
    Number value{};
    const auto [stop, error] = std::from_chars(text.data(), digits_end, value);
    if (error != std::errc() || stop != digits_end) detail::refuse_range(cell, name_of_number<Number>());
    out = value;
}

/// A number in PostgreSQL's text form.
template <class Number>
void decode_text(const cell_view& cell, Number& out) {
    switch (cell.type) {
    case type_oid::int2:
    case type_oid::int4:
    case type_oid::int8:
    case type_oid::oid:
    case type_oid::xid:
    case type_oid::cid: {
        std::int64_t value{};
        assign_text(cell, cell.bytes, value);
        return assign(cell, value, out);
    }
    case type_oid::float4:
        if constexpr (std::same_as<Number, float>) return assign_text(cell, cell.bytes, out);
        [[fallthrough]];
    case type_oid::float8: {
        double value{};
        assign_text(cell, cell.bytes, value);
        return assign_double(cell, value, out);
    }
    case type_oid::numeric:
    case type_oid::xid8:
        return assign_text(cell, cell.bytes, out);
    default:
        detail::refuse_type(cell, name_of_number<Number>());
    }
}

} // namespace

template <class Number, type_oid Type>
void detail::number_codec<Number, Type>::encode(const Number& value, std::string& out) {
    if constexpr (Type == type_oid::int2) {
        append(out, static_cast<std::int16_t>(value));
    } else if constexpr (Type == type_oid::int4) {
        append(out, static_cast<std::int32_t>(value));
    } else if constexpr (Type == type_oid::int8) {
        if (!std::in_range<std::int64_t>(value)) refuse_encoding(name_of_number<Number>(), Type);
        append(out, static_cast<std::int64_t>(value));
    } else {
        append(out, value);
    }
}

template <class Number, type_oid Type>
void detail::number_codec<Number, Type>::decode(const cell_view& cell, Number& out) {
    if (cell.format == wire_format::text) return decode_text(cell, out);
    switch (cell.type) {
    case type_oid::int2:
        expect_size(cell, 2);
        return assign(cell, load<std::int16_t>(cell.bytes.data()), out);
    case type_oid::int4:
        expect_size(cell, 4);
        return assign(cell, load<std::int32_t>(cell.bytes.data()), out);
    case type_oid::int8:
        expect_size(cell, 8);
        return assign(cell, load<std::int64_t>(cell.bytes.data()), out);
    case type_oid::oid:
    case type_oid::xid:
    case type_oid::cid:
        expect_size(cell, 4);
        return assign(cell, load<std::uint32_t>(cell.bytes.data()), out);
    case type_oid::float4:
        expect_size(cell, 4);
        return assign_double(cell, double{load<float>(cell.bytes.data())}, out);
    case type_oid::float8:
        expect_size(cell, 8);
        return assign_double(cell, load<double>(cell.bytes.data()), out);
    case type_oid::xid8:
        expect_size(cell, 8);
        return assign_unsigned(cell, load<std::uint64_t>(cell.bytes.data()), out);
    case type_oid::numeric:
        return assign_text(cell, numeric_text(cell), out);
    default:
        refuse_type(cell, name_of_number<Number>());
    }
}

template struct detail::number_codec<signed char, type_oid::int2>;
template struct detail::number_codec<unsigned char, type_oid::int2>;
template struct detail::number_codec<short, type_oid::int2>;
template struct detail::number_codec<unsigned short, type_oid::int4>;
template struct detail::number_codec<int, type_oid::int4>;
template struct detail::number_codec<unsigned, type_oid::int8>;
template struct detail::number_codec<long, type_oid::int8>;
template struct detail::number_codec<unsigned long, type_oid::int8>;
template struct detail::number_codec<long long, type_oid::int8>;
template struct detail::number_codec<unsigned long long, type_oid::int8>;
template struct detail::number_codec<float, type_oid::float4>;
template struct detail::number_codec<double, type_oid::float8>;

void codec<bool>::encode(const bool& value, std::string& out) {
    out.push_back(value ? '\1' : '\0');
}

void codec<bool>::decode(const cell_view& cell, bool& out) {
    if (cell.type == type_oid::boolean && cell.format == wire_format::text) {
        out = cell.bytes == "t" || cell.bytes == "true";
        if (!out && cell.bytes != "f" && cell.bytes != "false") detail::refuse_text(cell, "bool");
        return;
    }
    if (cell.type == type_oid::boolean) {
        detail::expect_size(cell, 1);
        out = cell.bytes.front() != '\0';
        return;
    }
    if (cell.type != type_oid::int2 && cell.type != type_oid::int4 && cell.type != type_oid::int8)
        detail::refuse_type(cell, "bool");
    int value = 0;
    codec<int>::decode(cell, value);
    if (value != 0 && value != 1) detail::refuse_range(cell, "bool");
    out = value == 1;
}

} // namespace wharf
