// poll(2) with a deadline.
#pragma once

#include "wharf/base/time.hpp"
#include "wharf/io/request.hpp"

#include <poll.h>

#include <span>

namespace wharf::io {

/// The poll(2) events of an interest.
[[nodiscard]] constexpr short poll_events(interest want) noexcept {
    switch (want) {
    case interest::read:
        return POLLIN;
    case interest::write:
        return POLLOUT;
    case interest::either:
        return POLLIN | POLLOUT;
    }
    return 0;
}

/// Waits until one of `entries` is ready or `deadline` passes; returns how many are ready. Goes on after signals.
/// Entries may be empty: then it sleeps.
[[nodiscard]] int poll_until(std::span<pollfd> entries, time_point deadline);

} // namespace wharf::io
