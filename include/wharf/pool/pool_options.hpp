// The settings of a pool.
#pragma once

#include "wharf/base/cancellation.hpp"
#include "wharf/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace wharf {

class statement_observer;

/// Which idle connection is lent next: the one used last, whose caches are warm (the others may then expire), or the
/// one unused for longest.
enum class pool_order : std::uint8_t { lifo, fifo };

/// Who gets a connection that comes back while acquires wait. `throughput`: whoever comes first, so that a thread which
/// borrows again and again goes on without a pause; but the one that has waited longest comes before all others once
/// it has waited for a millisecond. `fifo`: always the one that has waited longest; many threads that hold connections
/// for next to no time then take turns, at a switch of threads each.
enum class pool_fairness : std::uint8_t { throughput, fifo };

/// What a connection goes through before its next borrower: nothing, or the whole reset (see
/// driver::reset_before_next).
enum class pool_reset : std::uint8_t { none, always };

/// Settings are checked when the pool is made; configuration_error names the setting, its value and what it may be.
/// A time of zero means: at once for the `..._timeout` of a wait, never for idle_timeout and max_lifetime.
struct pool_options {
    /// Connections opened ahead and kept open also when idle. Empty: 2, or less where the pool may not hold as many.
    std::optional<std::size_t> min_size{};
    std::size_t max_size{10};
    /// Connections beyond max_size, closed on return unless somebody waits.
    std::size_t max_overflow{0};
    /// How long an acquire waits that has no deadline of its own.
    duration acquire_timeout{std::chrono::seconds(30)};
    /// With so many acquires waiting, one more fails at once (too_many_waiting).
    std::size_t max_waiting{std::numeric_limits<std::size_t>::max()};
    duration connect_timeout{std::chrono::seconds(10)};
    /// How many connections may be in the opening at once; one that takes much longer than usual is not counted.
    std::size_t max_connecting{4};
    duration idle_timeout{std::chrono::minutes(10)};
    duration max_lifetime{std::chrono::minutes(30)};
    /// The part of max_lifetime by which lifetimes differ, 0 to 1: connections opened together do not end together.
    double lifetime_jitter{0.1};
    /// How many times a connection is lent; 0: without limit.
    std::uint64_t max_uses{0};
    pool_order order{pool_order::lifo};
    pool_fairness fairness{pool_fairness::throughput};
    /// A connection idle for longer is asked for an answer before it is lent. Whether the server has ended it is seen
    /// without that.
    duration validate_after_idle{std::chrono::seconds(1)};
    duration ping_timeout{std::chrono::seconds(2)};
    pool_reset reset{pool_reset::always};
    /// For undoing what a borrower left open. The connection is closed when it takes longer.
    duration clean_up_timeout{std::chrono::seconds(5)};
    /// For close() to wait for leases, and for one connection to end.
    duration close_timeout{std::chrono::seconds(10)};
    /// Whether open() waits until min_size connections, and at least one, are open and reports the first failure; else
    /// it only starts.
    bool fail_fast{true};
    /// What becomes of connections whose statements are given up; a call's own options come first. Empty: what the URL
    /// says (`cancellation=close` or `cancel_and_drain`), else `close`.
    std::optional<wharf::cancellation> cancellation{};
    /// Watches every connection of the pool, from its login on, from any thread. Outlives the pool and its leases.
    statement_observer* observer{nullptr};
};

} // namespace wharf
