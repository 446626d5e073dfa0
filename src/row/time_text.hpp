// Dates and timestamps as ISO 8601 text: how SQLite keeps them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wharf::detail {

/// "2024-02-29 12:00:00.000000". False, and nothing appended, for years that four digits do not hold (0 to 9999).
[[nodiscard]] bool append_timestamp(std::string& out, std::int64_t microseconds_since_1970);
/// "2024-02-29"; the same.
[[nodiscard]] bool append_date(std::string& out, std::int64_t days_since_1970);

/// Nothing where the text is no timestamp, or has a time zone and `zoned` is false. More than six digits of fraction
/// are refused, unless they are zeros.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text, bool zoned) noexcept;
[[nodiscard]] std::optional<std::int32_t> parse_date(std::string_view text) noexcept;

} // namespace wharf::detail
