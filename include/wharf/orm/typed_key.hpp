// Between the key that a user writes and the bytes that the session compares.
#pragma once

#include "wharf/orm/descriptor.hpp"
#include "wharf/orm/key_value.hpp"

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace wharf {
/// See describe.hpp.
template <class T>
[[nodiscard]] const orm::class_descriptor& describe();
} // namespace wharf

namespace wharf::orm {

/// See mapping.hpp.
template <class T>
struct key_of_mapped;

namespace detail {
template <class>
inline constexpr bool is_tuple = false;
template <class... Parts>
inline constexpr bool is_tuple<std::tuple<Parts...>> = true;
} // namespace detail

// By the key's type and not by the class: most classes of a program have the same one.

/// The key of a row of the class that `type` describes.
template <class Key>
[[nodiscard]] key_value make_typed_key(const class_descriptor& type, const Key& key) {
    if constexpr (detail::is_tuple<Key>) {
        const auto parts =
            std::apply([](const auto&... part) { return std::array<const void*, sizeof...(part)>{&part...}; }, key);
        return make_key(type, parts);
    } else {
        const std::array<const void*, 1> parts{&key};
        return make_key(type, parts);
    }
}

/// Precondition: `key` is set.
template <class Key>
[[nodiscard]] Key read_typed_key(const class_descriptor& type, const key_value& key) {
    Key out{};
    if constexpr (detail::is_tuple<Key>) {
        const auto parts = std::apply([](auto&... part) { return std::array<void*, sizeof...(part)>{&part...}; }, out);
        read_key(type, key, parts);
    } else {
        const std::array<void*, 1> parts{&out};
        read_key(type, key, parts);
    }
    return out;
}

} // namespace wharf::orm
