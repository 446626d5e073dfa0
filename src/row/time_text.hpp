// Dates, times and timestamps as text: ISO 8601, which is how SQLite keeps them and, with DateStyle ISO, how PostgreSQL
// writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wharf::detail {

constexpr std::int64_t microseconds_per_second = 1'000'000;
constexpr std::int64_t microseconds_per_day = 86'400 * microseconds_per_second;

// For SQLite, so that text sorts as time does.

/// "2024-02-29 12:00:00.000000". False, and nothing appended, for years that four digits do not hold (0 to 9999).
[[nodiscard]] bool append_timestamp(std::string& out, std::int64_t microseconds_since_1970);
/// "2024-02-29"; the same.
[[nodiscard]] bool append_date(std::string& out, std::int64_t days_since_1970);

// As PostgreSQL writes them.

/// "2024-02-29 12:00:00.5+00", "0044-03-15 00:00:00 BC"; the zone only where `zoned`. Any value.
void append_timestamp_literal(std::string& out, std::int64_t microseconds_since_2000, bool zoned);
/// "2024-02-29", "0044-03-15 BC". Any value.
void append_date_literal(std::string& out, std::int64_t days_since_2000);
/// "12:00:00.5", the hours with as many digits as they need. Not negative.
void append_clock(std::string& out, std::uint64_t microseconds);
/// "+02", "-05:30", "+00:00:01".
void append_offset(std::string& out, std::int32_t seconds_east);

// Both are read, and a time zone (Z, +02:00). Nothing is what is none, or beyond what PostgreSQL or the result can
// hold. More than six digits of fraction are refused, unless they are zeros.

/// Refuses a time zone where `zoned` is false.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text, bool zoned) noexcept;
[[nodiscard]] std::optional<std::int32_t> parse_date(std::string_view text) noexcept;

struct clock_text {
    std::int64_t microseconds{0}; ///< since midnight, up to and with 24:00
    std::int32_t seconds_east{0}; ///< of the time zone
};
/// A time of the day, which has a time zone if and only if `zoned`.
[[nodiscard]] std::optional<clock_text> parse_clock(std::string_view text, bool zoned) noexcept;

/// The fraction behind a point, in microseconds, taken from the front of `text`.
[[nodiscard]] std::optional<std::int64_t> take_fraction(std::string_view& text) noexcept;

} // namespace wharf::detail
