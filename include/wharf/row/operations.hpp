// What can be done with a value of a C++ type when its type is known only at run time: the one table that all columns
// of the type share.
#pragma once

#include "wharf/row/codec.hpp"

#include <string>

namespace wharf {

struct type_operations {
    type_oid type;
    /// Whether the C++ type has a value for NULL.
    bool nullable;
    bool (*is_null)(const void* value);
    /// Appends the value's bytes; not for NULL. Null where the type can only be read.
    void (*encode)(const void* value, std::string& out);
    /// Reads a cell, NULL included; throws conversion_error. Null where the type can only be a parameter.
    void (*decode)(const cell_view& cell, void* value);
};

namespace detail {

[[noreturn]] void refuse_null();

template <class T>
void decode_nullable(const cell_view& cell, T& out) {
    if (!cell.null) return codec<T>::decode(cell, out);
    if constexpr (nullable<T>)
        codec<T>::set_null(out);
    else
        refuse_null();
}

template <class T>
bool value_is_null(const void* value) {
    if constexpr (nullable<T>)
        return codec<T>::is_null(*static_cast<const T*>(value));
    else
        return false;
}

template <class T>
constexpr type_operations make_operations() noexcept {
    type_operations made{codec<T>::type, nullable<T>, value_is_null<T>, nullptr, nullptr};
    if constexpr (encodable<T>)
        made.encode = [](const void* value, std::string& out) { codec<T>::encode(*static_cast<const T*>(value), out); };
    if constexpr (decodable<T>)
        made.decode = [](const cell_view& cell, void* value) { decode_nullable(cell, *static_cast<T*>(value)); };
    return made;
}

} // namespace detail

template <class T>
    requires encodable<T> || decodable<T>
inline constexpr type_operations operations_of = detail::make_operations<T>();

} // namespace wharf
