// The text of a statement, as calls take it.
//
//   conn.query<int>("SELECT $1 + $2", 5, 6);               a literal: its placeholders are counted when it is compiled
//   conn.query<int>(wharf::raw_sql(text), 5, 6);           made at run time: the database counts them
//
// Values never belong into the text: they are parameters.
#pragma once

#include "wharf/connection/placeholders.hpp"
#include "wharf/connection/row_stream.hpp"
#include "wharf/io/call_options.hpp"

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace wharf {

/// Text that was made at run time; a view, which lives as long as the text.
class raw_sql_view {
public:
    constexpr explicit raw_sql_view(std::string_view text) noexcept : text_(text) {}
    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

/// Marks text as made at run time.
[[nodiscard]] constexpr raw_sql_view raw_sql(std::string_view text) noexcept {
    return raw_sql_view(text);
}

namespace detail {

template <class Argument>
inline constexpr bool is_option = std::is_same_v<Argument, call_options> || std::is_same_v<Argument, stream_options>;

/// How many of these arguments of a call are values of parameters.
template <class... Arguments>
inline constexpr std::size_t value_count = (std::size_t{!is_option<Arguments>} + ... + 0);

/// What it throws is the sentence that a compiler shows.
constexpr void check_placeholders(std::string_view sql, std::size_t values) {
    placeholder_scanner scanner(sql);
    while (const auto number = scanner.next()) {
        if (*number == 0) throw "wharf: the placeholders of a statement are numbered from $1";
        if (*number > most_placeholders) throw "wharf: a statement has at most 65535 placeholders";
    }
    const std::size_t placeholders = count_placeholders(sql);
    if (placeholders > values) throw "wharf: fewer values are given than the statement has placeholders";
    if (placeholders < values) throw "wharf: more values are given than the statement has placeholders";
}

template <class>
inline constexpr bool always_false = false;

} // namespace detail

/// A statement for a call with these arguments, options not counted. A view, which lives as long as the text; a
/// call copies the text before it returns.
template <class... Arguments>
class statement {
public:
    /// A literal, or another constant.
    template <std::convertible_to<std::string_view> Text>
        requires(!std::same_as<Text, std::string>)
    consteval explicit(false) statement(const Text& literal) : text_(literal) {
        detail::check_placeholders(text_, detail::value_count<Arguments...>);
    }
    explicit(false) constexpr statement(raw_sql_view made) noexcept : text_(made.text()) {}
    template <std::same_as<std::string> Text>
    explicit(false) statement(const Text& /*made*/) {
        static_assert(detail::always_false<Text>,
                      "wharf: text that is made at run time is given as wharf::raw_sql(text), "
                      "and values as parameters, never in the text");
    }

    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_{};
};

/// The statement of a call whose arguments are deduced from the others.
template <class... Arguments>
using statement_for = std::type_identity_t<statement<Arguments...>>;

} // namespace wharf
