// operations_of<T>: the table of what the library can do with values of T, made from its codec.
#pragma once

#include "wharf/row/codec.hpp"
#include "wharf/row/type_operations.hpp"

#include <concepts>
#include <string>

namespace wharf {

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
void encode_value(const void* value, parameters& out) {
    const auto& typed = *static_cast<const T*>(value);
    if constexpr (nullable<T>) {
        if (codec<T>::is_null(typed)) return out.add_null(codec<T>::type);
    }
    out.add(codec<T>::type, [&typed](std::string& bytes) { codec<T>::encode(typed, bytes); });
}

/// Whether values can be compared. The == of a container is there also where its elements have none.
template <class T>
consteval bool is_comparable() {
    if constexpr (!std::equality_comparable<T>)
        return false;
    else if constexpr (requires { typename T::value_type; })
        return std::same_as<typename T::value_type, T> || is_comparable<typename T::value_type>();
    else
        return true;
}

template <class T>
bool is_default_value(const void* value) {
    if constexpr (is_comparable<T>()) {
        return *static_cast<const T*>(value) == T{};
    } else {
        parameters both;
        const T fresh{};
        encode_value<T>(value, both);
        encode_value<T>(&fresh, both);
        return both.encoded(0) == both.encoded(1);
    }
}

template <class T>
constexpr type_operations make_operations() noexcept {
    type_operations made{codec<T>::type, nullable<T>, nullptr, nullptr, nullptr};
    if constexpr (encodable<T>) {
        made.encode = &encode_value<T>;
        if constexpr (std::default_initializable<T>) made.is_default = &is_default_value<T>;
    }
    if constexpr (decodable<T>)
        made.decode = [](const cell_view& cell, void* value) { decode_nullable(cell, *static_cast<T*>(value)); };
    if constexpr (requires { requires codec<T>::is_as_on_wire; }) made.number_size = sizeof(T);
    made.exact = exact_codec<T>;
    if constexpr (requires(const T& value) { codec<T>::is_unset(value); }) {
        made.is_unset = [](const void* value) { return codec<T>::is_unset(*static_cast<const T*>(value)); };
        made.make_unset = [](void* value) { *static_cast<T*>(value) = T(); };
    }
    return made;
}

} // namespace detail

template <class T>
    requires encodable<T> || decodable<T>
inline constexpr type_operations operations_of = detail::make_operations<T>();

} // namespace wharf
