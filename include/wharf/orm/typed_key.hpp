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

template <class T>
[[nodiscard]] key_value make_typed_key(const typename key_of_mapped<T>::type& key) {
    if constexpr (detail::is_tuple<typename key_of_mapped<T>::type>) {
        const auto parts =
            std::apply([](const auto&... part) { return std::array<const void*, sizeof...(part)>{&part...}; }, key);
        return make_key(describe<T>(), parts);
    } else {
        const std::array<const void*, 1> parts{&key};
        return make_key(describe<T>(), parts);
    }
}

/// Precondition: `key` is set.
template <class T>
[[nodiscard]] typename key_of_mapped<T>::type read_typed_key(const key_value& key) {
    typename key_of_mapped<T>::type out{};
    if constexpr (detail::is_tuple<typename key_of_mapped<T>::type>) {
        const auto parts = std::apply([](auto&... part) { return std::array<void*, sizeof...(part)>{&part...}; }, out);
        read_key(describe<T>(), key, parts);
    } else {
        const std::array<void*, 1> parts{&out};
        read_key(describe<T>(), key, parts);
    }
    return out;
}

} // namespace wharf::orm
