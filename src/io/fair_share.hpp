#pragma once

#include "wharf/base/time.hpp"

#include <algorithm>
#include <cstddef>

namespace wharf::io {

/// When an attempt that begins `now` must end so that `left` attempts, this one counted, share the time up to
/// `deadline` evenly.
[[nodiscard]] inline time_point fair_share(time_point now, time_point deadline, std::size_t left) {
    if (deadline == never || left <= 1) return deadline;
    return now + std::max(deadline - now, duration::zero()) / static_cast<duration::rep>(left);
}

} // namespace wharf::io
