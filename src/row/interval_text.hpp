// Intervals as PostgreSQL writes them, whatever IntervalStyle says.
#pragma once

#include "wharf/row/interval.hpp"

#include <optional>
#include <string_view>

namespace wharf::detail {

/// "1 year 2 mons -3 days +04:05:06.5", "+1-2 -3 +4:05:06.5", "@ 1 year 2 mons -3 days 4 hours 5 mins 6.5 secs" and
/// "P1Y2M-3DT4H5M6.5S". Nothing is what is none of them, or does not fit.
[[nodiscard]] std::optional<interval> parse_interval(std::string_view text) noexcept;

} // namespace wharf::detail
