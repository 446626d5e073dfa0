// The clock of every wait: monotonic, so that a wall clock set back neither shortens nor lengthens one.
#pragma once

#include <chrono>

namespace wharf {

using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

/// The deadline of a wait without one.
inline constexpr time_point never = time_point::max();

/// `now + span`, or `never` where that would overflow. `span` <= 0 gives a deadline that has passed.
[[nodiscard]] constexpr time_point deadline_after(time_point now, duration span) noexcept {
    return span >= (now.time_since_epoch().count() > 0 ? never - now : duration::max()) ? never : now + span;
}

} // namespace wharf
