// codec<T>: how a C++ type is written as a parameter and read from a cell.
//
//   template <>
//   struct wharf::codec<colour> {
//       static constexpr type_oid type = type_oid::text;                    // what it is to the database
//       static void encode(const colour& value, std::string& out);          // appends PostgreSQL's binary format
//       static void decode(const cell_view& cell, colour& out);             // throws conversion_error
//   };
//   template <> struct wharf::codec<account_id> : wharf::wraps<&account_id::value> {};
//
// A codec that also stands for NULL has `nullable = true`, is_null(value) and set_null(value); its encode() is not
// called for NULL, decode() is not called with a cell that is NULL. decode() reuses the memory that `out` has.
// A codec whose encode() gives back the very value that decode() was given, whatever it was, says `exact = true`. What
// a session read into a member of any other type it keeps as it arrived, to see later whether the row still holds it.
// The codecs of the types that wharf knows by itself are in the headers that codecs.hpp lists.
#pragma once

#include "wharf/row/cell.hpp"

#include <concepts>
#include <optional>
#include <string>

namespace wharf {

/// Not defined for a type that has no codec.
template <class T>
struct codec;

/// Can be a parameter of a statement.
template <class T>
concept encodable = requires(const T& value, std::string& out) {
    { codec<T>::type } -> std::convertible_to<type_oid>;
    codec<T>::encode(value, out);
};

/// Can be read from a cell.
template <class T>
concept decodable = std::default_initializable<T> && requires(const cell_view& cell, T& out) {
    { codec<T>::type } -> std::convertible_to<type_oid>;
    codec<T>::decode(cell, out);
};

/// Has a value that stands for NULL.
template <class T>
concept nullable = requires(const T& value, T& out) {
    requires codec<T>::nullable;
    { codec<T>::is_null(value) } -> std::convertible_to<bool>;
    codec<T>::set_null(out);
};

/// Gives back what it was read from; see above.
template <class T>
concept exact_codec = requires { requires codec<T>::exact; };

template <class T>
    requires(encodable<T> || decodable<T>) && (!nullable<T>)
struct codec<std::optional<T>> {
    static constexpr type_oid type = codec<T>::type;
    static constexpr bool nullable = true;
    static constexpr bool exact = exact_codec<T>;
    static bool is_null(const std::optional<T>& value) noexcept { return !value.has_value(); }
    static void set_null(std::optional<T>& out) noexcept { out.reset(); }
    static void encode(const std::optional<T>& value, std::string& out)
        requires encodable<T>
    {
        codec<T>::encode(*value, out);
    }
    static void decode(const cell_view& cell, std::optional<T>& out)
        requires decodable<T>
    {
        if (!out) out.emplace();
        codec<T>::decode(cell, *out);
    }
};

/// The codec of a strong type: that of the one member it consists of.
template <auto Member>
struct wraps;

template <class Outer, class Inner, Inner Outer::* Member>
    requires encodable<Inner> && decodable<Inner>
struct wraps<Member> {
    static constexpr type_oid type = codec<Inner>::type;
    static constexpr bool exact = exact_codec<Inner>;
    static void encode(const Outer& value, std::string& out) { codec<Inner>::encode(value.*Member, out); }
    static void decode(const cell_view& cell, Outer& out) { codec<Inner>::decode(cell, out.*Member); }
};

} // namespace wharf
