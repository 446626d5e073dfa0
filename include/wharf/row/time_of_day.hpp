// Times of the day, without a date: PostgreSQL's time and timetz, in microseconds.
//
//   const wharf::time_of_day opens{9h + 30min};   // "09:30:00"
#pragma once

#include "wharf/row/codec.hpp"

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace wharf {

/// PostgreSQL's time. From 00:00 up to and with 24:00, which is another time than 00:00; what lies outside cannot
/// become a parameter.
struct time_of_day {
    std::chrono::microseconds since_midnight{};

    auto operator<=>(const time_of_day&) const = default;
    /// Reads "09:30", "09:30:00", "09:30:00.5".
    [[nodiscard]] static std::optional<time_of_day> parse(std::string_view text) noexcept;
};

/// PostgreSQL's timetz: a time of the day in a time zone of a fixed offset, which lies below 16 hours.
struct timetz {
    std::chrono::microseconds since_midnight{};
    std::chrono::seconds offset{}; ///< ahead of UTC: +02 is two hours

    bool operator==(const timetz&) const = default;
    /// Reads "09:30:00+02", "09:30:00.5-05:30", "09:30Z".
    [[nodiscard]] static std::optional<timetz> parse(std::string_view text) noexcept;
};

/// As PostgreSQL writes them: "09:30:00.5", "09:30:00+02".
[[nodiscard]] std::string to_string(const time_of_day& value);
[[nodiscard]] std::string to_string(const timetz& value);

/// On SQLite text.
template <>
struct codec<time_of_day> {
    static constexpr type_oid type = type_oid::time;
    static constexpr bool exact = true;
    static void encode(const time_of_day& value, std::string& out);
    static void decode(const cell_view& cell, time_of_day& out);
};

/// On SQLite text.
template <>
struct codec<timetz> {
    static constexpr type_oid type = type_oid::timetz;
    static constexpr bool exact = true;
    static void encode(const timetz& value, std::string& out);
    static void decode(const cell_view& cell, timetz& out);
};

} // namespace wharf
