#include "wharf/row/arrays.hpp"

#include "row/array_reader.hpp"
#include "row/conversion.hpp"
#include "row/json_array.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/numbers.hpp"
#include "wharf/row/strings.hpp"
#include "wharf/row/type_name.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <type_traits>

namespace wharf {
namespace {

using token = detail::json_array_reader::token;

template <class Element>
constexpr std::string_view vector_name = "vector";
template <>
constexpr std::string_view vector_name<bool> = "std::vector<bool>";
template <>
constexpr std::string_view vector_name<std::int16_t> = "std::vector<std::int16_t>";
template <>
constexpr std::string_view vector_name<std::int32_t> = "std::vector<std::int32_t>";
template <>
constexpr std::string_view vector_name<std::int64_t> = "std::vector<std::int64_t>";
template <>
constexpr std::string_view vector_name<float> = "std::vector<float>";
template <>
constexpr std::string_view vector_name<double> = "std::vector<double>";
template <>
constexpr std::string_view vector_name<std::string> = "std::vector<std::string>";
template <>
constexpr std::string_view vector_name<uuid> = "std::vector<wharf::uuid>";

[[noreturn]] void refuse_null(const cell_view& cell) {
    throw conversion_error("a value of type " + name_of(cell.type) +
                           " contains NULL, which an element of a vector cannot be");
}

/// Makes room for an element at `index`, which lies in `out` or directly behind its end, and keeps memory it has.
template <class Element>
void put(std::vector<Element>& out, std::size_t index, std::type_identity_t<Element> value) {
    if (index < out.size())
        out[index] = std::move(value);
    else
        out.push_back(std::move(value));
}

template <class Number>
bool parse_number(std::string_view digits, Number& out) {
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, out);
    return error == std::errc() && stop == end;
}

template <class Element>
bool from_json(token kind, const detail::json_array_reader& json, Element& out) {
    if constexpr (std::is_same_v<Element, bool>) {
        out = json.literal() == "true";
        return kind == token::boolean;
    } else if constexpr (std::is_arithmetic_v<Element>) {
        return kind == token::number && parse_number(json.literal(), out);
    } else if constexpr (std::is_same_v<Element, uuid>) {
        const auto value = kind == token::string ? uuid::parse(json.string()) : std::nullopt;
        if (value) out = *value;
        return value.has_value();
    } else {
        if (kind == token::string) out = json.string();
        return kind == token::string;
    }
}

template <class Element>
void decode_json(const cell_view& cell, std::vector<Element>& out) {
    detail::json_array_reader json(detail::text_of(cell, vector_name<Element>));
    std::size_t index = 0;
    for (auto kind = json.next(); kind != token::end; kind = json.next()) {
        Element value{};
        if (kind == token::null) refuse_null(cell);
        if (kind == token::error || !from_json(kind, json, value)) detail::refuse_text(cell, vector_name<Element>);
        put(out, index++, std::move(value));
    }
    out.resize(index);
}

template <class Number>
void decode_blob(const cell_view& cell, std::vector<Number>& out) {
    static_assert(std::endian::native == std::endian::little, "the blob's byte order is the machine's own");
    if (cell.bytes.size() % sizeof(Number) != 0) detail::refuse_bytes(cell);
    out.resize(cell.bytes.size() / sizeof(Number));
    if (!out.empty()) std::memcpy(out.data(), cell.bytes.data(), cell.bytes.size());
}

/// The common case of numbers of the same width: no check per element but that of its length.
template <class Number>
bool decode_numbers(const detail::array_reader& array, type_oid type, std::vector<Number>& out) {
    constexpr auto stride = sizeof(std::int32_t) + sizeof(Number);
    const auto bytes = array.rest();
    if (array.element_type() != type || bytes.size() != array.size() * stride) return false;
    out.resize(array.size());
    const char* at = bytes.data();
    for (auto& value : out) {
        if (load<std::int32_t>(at) != static_cast<std::int32_t>(sizeof(Number))) return false;
        value = load<Number>(at + sizeof(std::int32_t));
        at += stride;
    }
    return true;
}

template <class Element>
void decode_elements(detail::array_reader& array, const cell_view& cell, std::vector<Element>& out) {
    std::size_t index = 0;
    out.reserve(array.size());
    for (; index < array.size(); ++index) {
        const auto element = array.next();
        if (element.null) refuse_null(cell);
        if constexpr (std::is_same_v<Element, bool>) {
            bool value{};
            codec<bool>::decode(element, value);
            put(out, index, std::move(value));
        } else {
            if (index == out.size()) out.emplace_back();
            codec<Element>::decode(element, out[index]);
        }
    }
    array.expect_end();
    out.resize(index);
}

template <class Number>
void encode_numbers(std::span<const Number> values, type_oid element, std::string& out) {
    array_writer writer(out, element);
    out.reserve(out.size() + values.size() * (sizeof(std::int32_t) + sizeof(Number)));
    for (const auto value : values)
        writer.add([value](std::string& bytes) { append(bytes, value); });
    writer.finish();
}

} // namespace

template <class Element, type_oid Type, type_oid ElementType>
void detail::array_codec<Element, Type, ElementType>::encode(const std::vector<Element>& value, std::string& out) {
    if constexpr (std::is_arithmetic_v<Element> && !std::is_same_v<Element, bool>) {
        encode_numbers(std::span<const Element>(value), ElementType, out);
    } else {
        array_writer writer(out, ElementType);
        for (const auto& element : value)
            writer.add([&element](std::string& bytes) { codec<Element>::encode(element, bytes); });
        writer.finish();
    }
}

template <class Element, type_oid Type, type_oid ElementType>
void detail::array_codec<Element, Type, ElementType>::decode(const cell_view& cell, std::vector<Element>& out) {
    if (is_text(cell) || cell.type == type_oid::jsonb) return decode_json(cell, out);
    if constexpr (std::is_floating_point_v<Element>) {
        if (cell.type == type_oid::bytea) return decode_blob(cell, out);
    }
    if (element_of(cell.type) == type_oid::unspecified) refuse_type(cell, vector_name<Element>);
    array_reader array(cell);
    if constexpr (std::is_arithmetic_v<Element> && !std::is_same_v<Element, bool>) {
        if (decode_numbers(array, ElementType, out)) return;
    }
    decode_elements(array, cell, out);
}

void codec<std::span<const float>>::encode(const std::span<const float>& value, std::string& out) {
    encode_numbers(value, type_oid::float4, out);
}

template struct detail::array_codec<bool, type_oid::bool_array, type_oid::boolean>;
template struct detail::array_codec<std::int16_t, type_oid::int2_array, type_oid::int2>;
template struct detail::array_codec<std::int32_t, type_oid::int4_array, type_oid::int4>;
template struct detail::array_codec<std::int64_t, type_oid::int8_array, type_oid::int8>;
template struct detail::array_codec<float, type_oid::float4_array, type_oid::float4>;
template struct detail::array_codec<double, type_oid::float8_array, type_oid::float8>;
template struct detail::array_codec<std::string, type_oid::text_array, type_oid::text>;
template struct detail::array_codec<uuid, type_oid::uuid_array, type_oid::uuid>;

} // namespace wharf
