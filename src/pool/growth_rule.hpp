// How many connections a pool opens because acquires wait.
#pragma once

#include "wharf/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace wharf::detail {

/// What the pool looks like to the rule.
struct demand {
    std::size_t waiting{0};               ///< acquires, without those for which a connection is idle
    std::size_t out{0};                   ///< connections that may come back: lent, or being cleaned
    std::size_t young{0};                 ///< connects under way, without the late ones
    std::optional<duration> usual_hold{}; ///< empty: no lease has ended yet
    duration usual_connect{};
    duration quiet{}; ///< for so long somebody has waited and nobody was served
};

struct growth {
    std::size_t count{0};                ///< how many to open now
    duration ask_again{duration::max()}; ///< the answer may be another one when it has been quiet for so long
};

/// Opens what is not served quicker by connections that come back: as many as the waiters keep busy for the time that a
/// connect takes, none where fewer are enough. A connection that is usually back by now, and is not, adds one, and the
/// longer nobody is served the longer leases are taken to last. While nothing is known of them, four at a time.
[[nodiscard]] growth growth_for(const demand& seen) noexcept;

/// What growth_for() takes for no time at all.
inline constexpr std::chrono::milliseconds short_quiet{1};

} // namespace wharf::detail
