// Codecs of enums: the labels are listed once.
//
//   enum class mood { sad, ok, happy };
//   template <> struct wharf::codec<mood> : wharf::enum_codec<mood, "sad", "ok", "happy"> {};     in their order, from
//   0
//
//   enum class level { low = 10, high = 20 };
//   template <> struct wharf::codec<level>
//       : wharf::labelled_enum<wharf::label{level::low, "low"}, wharf::label{level::high, "high"}> {};
//
// They are read from enums of the database, and from text, which is what SQLite keeps.
#pragma once

#include "wharf/row/codec.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace wharf {

namespace detail {

/// Text that can be a template argument.
template <std::size_t Size>
struct fixed_text {
    char characters[Size]{};
    consteval explicit(false) fixed_text(const char (&text)[Size]) { std::copy_n(text, Size, characters); }
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters, Size - 1}; }
};

[[noreturn]] void refuse_unlisted(std::span<const std::string_view> labels);
/// The place of the label in the list. Throws conversion_error for a label that is not in it, and for other types.
[[nodiscard]] std::size_t read_label(const cell_view& cell, std::span<const std::string_view> labels);

} // namespace detail

/// A value of an enum and what the database calls it.
template <class Enum, std::size_t Size>
    requires std::is_enum_v<Enum>
struct label {
    Enum value;
    detail::fixed_text<Size> text;
    consteval label(Enum named, const char (&as)[Size]) : value(named), text(as) {}
};

/// The codec of an enum whose values have these labels.
template <auto First, auto... Rest>
struct labelled_enum {
    using value_type = decltype(First.value);
    static_assert((std::is_same_v<value_type, decltype(Rest.value)> && ...),
                  "wharf: all labels are of values of one enum");

    static constexpr type_oid type = type_oid::text;
    static constexpr bool exact = true;
    static constexpr std::array<value_type, 1 + sizeof...(Rest)> values{First.value, Rest.value...};
    static constexpr std::array<std::string_view, 1 + sizeof...(Rest)> labels{First.text.view(), Rest.text.view()...};

    /// Throws conversion_error for a value that is not listed.
    static void encode(const value_type& value, std::string& out) {
        const auto found = std::ranges::find(values, value);
        if (found == values.end()) detail::refuse_unlisted(labels);
        out.append(labels[static_cast<std::size_t>(found - values.begin())]);
    }
    static void decode(const cell_view& cell, value_type& out) { out = values[detail::read_label(cell, labels)]; }
};

/// The codec of an enum whose values are 0, 1, 2 ..., with their labels in that order.
template <class Enum, detail::fixed_text... Labels>
    requires std::is_enum_v<Enum> && (sizeof...(Labels) > 0)
struct enum_codec {
    static constexpr type_oid type = type_oid::text;
    static constexpr bool exact = true;
    static constexpr std::array<std::string_view, sizeof...(Labels)> labels{Labels.view()...};

    /// Throws conversion_error for a value that is not listed.
    static void encode(const Enum& value, std::string& out) {
        const auto index = static_cast<std::make_unsigned_t<std::underlying_type_t<Enum>>>(value);
        if (index >= labels.size()) detail::refuse_unlisted(labels);
        out.append(labels[index]);
    }
    static void decode(const cell_view& cell, Enum& out) { out = static_cast<Enum>(detail::read_label(cell, labels)); }
};

} // namespace wharf
