// Which C++ values a column can be compared with, and how they become parameters of the column's own type.
#pragma once

#include "wharf/base/error.hpp"
#include "wharf/orm/predicate.hpp"
#include "wharf/row/defaulted.hpp"
#include "wharf/row/operations.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace wharf::orm {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_optional<defaulted<T>> = true;

template <class T>
struct without_optional {
    using type = T;
};
template <class T>
struct without_optional<std::optional<T>> {
    using type = T;
};
template <class T>
struct without_optional<defaulted<T>> {
    using type = T;
};
/// T without const, reference, std::optional and defaulted.
template <class T>
using bare = typename without_optional<std::remove_cvref_t<T>>::type;

template <class T>
concept plain_integer = std::integral<T> && !std::same_as<T, bool>;

enum class value_fit : std::uint8_t { fits, floating_into_integer, no };

/// How a value of type `Given` fits a column of type `Column`, std::optional of either apart.
template <class Column, class Given>
consteval value_fit fit() {
    if constexpr (std::same_as<Column, Given>)
        return value_fit::fits;
    else if constexpr (plain_integer<Column> && std::floating_point<Given>)
        return value_fit::floating_into_integer;
    else if constexpr (plain_integer<Column> || std::floating_point<Column>)
        return plain_integer<Given> || (std::floating_point<Column> && std::floating_point<Given>) ? value_fit::fits
                                                                                                   : value_fit::no;
    else if constexpr (std::same_as<Column, bool> || std::is_arithmetic_v<Given>)
        return value_fit::no;
    else if constexpr (std::same_as<Column, std::string>)
        return std::convertible_to<const Given&, std::string_view> ? value_fit::fits : value_fit::no;
    else
        return std::convertible_to<const Given&, Column> ? value_fit::fits : value_fit::no;
}

[[noreturn]] void refuse_value_out_of_range();

/// The value as the column's own type. Throws conversion_error when an integer is out of its range. Precondition: it
/// fits.
template <class Column, class Given>
Column as(const Given& given) {
    if constexpr (plain_integer<Column> && !std::same_as<Column, Given>) {
        if (!std::in_range<Column>(given)) refuse_value_out_of_range();
        return static_cast<Column>(given);
    } else if constexpr (std::floating_point<Column>) {
        return static_cast<Column>(given);
    } else if constexpr (std::same_as<Column, std::string>) {
        return std::string(static_cast<std::string_view>(given));
    } else {
        return given;
    }
}

/// Adds it as a parameter.
template <class Column, class Given>
void encode_as(const Given& given, parameters& out) {
    if constexpr (std::same_as<Column, Given>) {
        operations_of<Column>.encode(&given, out);
    } else {
        const auto value = as<Column>(given);
        operations_of<Column>.encode(&value, out);
    }
}

template <class Column, class Given>
sql::expression bind(const Given& given) {
    parameters one;
    encode_as<Column>(given, one);
    return sql::value(std::move(one));
}

} // namespace wharf::orm
