// Codecs of bool and of numbers.
//
// A number is read from any integer or floating type of the database that holds it exactly, else conversion_error:
// nothing is cut off. numeric is rounded to the nearest double, and read into an integer where it is one. The text
// forms of these types are read as well, other text is not. An unsigned type is stored as the next wider signed one;
// std::uint64_t as int8, up to 2^63 - 1.
#pragma once

#include "wharf/row/codec.hpp"

#include <type_traits>

namespace wharf {

namespace detail {

template <class Number, type_oid Type>
struct number_codec {
    static constexpr type_oid type = Type;
    static constexpr bool exact = true;
    /// Whether values of `type` have these very bits: the others are stored as the next wider type.
    static constexpr bool is_as_on_wire = std::is_signed_v<Number> && sizeof(Number) > 1;
    static void encode(const Number& value, std::string& out);
    static void decode(const cell_view& cell, Number& out);
};

extern template struct number_codec<signed char, type_oid::int2>;
extern template struct number_codec<unsigned char, type_oid::int2>;
extern template struct number_codec<short, type_oid::int2>;
extern template struct number_codec<unsigned short, type_oid::int4>;
extern template struct number_codec<int, type_oid::int4>;
extern template struct number_codec<unsigned, type_oid::int8>;
extern template struct number_codec<long, type_oid::int8>;
extern template struct number_codec<unsigned long, type_oid::int8>;
extern template struct number_codec<long long, type_oid::int8>;
extern template struct number_codec<unsigned long long, type_oid::int8>;
extern template struct number_codec<float, type_oid::float4>;
extern template struct number_codec<double, type_oid::float8>;

} // namespace detail

// clang-format off
template <> struct codec<signed char> : detail::number_codec<signed char, type_oid::int2> {};
template <> struct codec<unsigned char> : detail::number_codec<unsigned char, type_oid::int2> {};
template <> struct codec<short> : detail::number_codec<short, type_oid::int2> {};
template <> struct codec<unsigned short> : detail::number_codec<unsigned short, type_oid::int4> {};
template <> struct codec<int> : detail::number_codec<int, type_oid::int4> {};
template <> struct codec<unsigned> : detail::number_codec<unsigned, type_oid::int8> {};
template <> struct codec<long> : detail::number_codec<long, type_oid::int8> {};
template <> struct codec<unsigned long> : detail::number_codec<unsigned long, type_oid::int8> {};
template <> struct codec<long long> : detail::number_codec<long long, type_oid::int8> {};
template <> struct codec<unsigned long long> : detail::number_codec<unsigned long long, type_oid::int8> {};
template <> struct codec<float> : detail::number_codec<float, type_oid::float4> {};
template <> struct codec<double> : detail::number_codec<double, type_oid::float8> {};
// clang-format on

template <>
struct codec<bool> {
    static constexpr type_oid type = type_oid::boolean;
    static constexpr bool exact = true;
    static void encode(const bool& value, std::string& out);
    /// Reads bool, and the integers 0 and 1.
    static void decode(const cell_view& cell, bool& out);
};

} // namespace wharf
