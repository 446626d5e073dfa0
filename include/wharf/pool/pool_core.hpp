// The pool behind its faces: open connections to one database, lent to any thread and any coroutine.
//
//   pool_core pool(connector, make_background, {.max_size = 10});
//   lease lent = pool.try_acquire_now();             uncontended: no allocation, one lock
//   if (!lent) lent = co_await pool.acquire();       waits in line, asks the pool to open another
//   co_await lent.core().run(items);                 given back by the lease's destructor
//
// The pool, not the borrower, opens connections. Who gets one that comes back: see pool_fairness.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/io/background.hpp"
#include "wharf/pool/lease.hpp"
#include "wharf/pool/pool_options.hpp"
#include "wharf/pool/pool_stats.hpp"
#include "wharf/pool/time_source.hpp"

#include <functional>
#include <memory>

namespace wharf {

/// Any thread. The destructor does not wait for leases: what is idle ends at once, what is lent ends when given back,
/// and acquires that wait get pool_closed.
class pool_core {
public:
    /// Makes what the pool's own work runs on; called once, when the pool is first used.
    using background_source = std::function<std::shared_ptr<io::background>()>;

    /// Does no I/O. Throws configuration_error. `time` outlives the pool and its leases.
    pool_core(std::shared_ptr<connector> database, background_source make_background, const pool_options& options = {},
              const time_source& time = system_time());
    pool_core(const pool_core&) = delete;
    pool_core& operator=(const pool_core&) = delete;
    ~pool_core();

    /// Opens min_size connections; with `fail_fast` throws what the first failure was. Not needed: the first acquire
    /// does the same without waiting. Throws pool_closed.
    [[nodiscard]] io::op<void> open();

    /// An idle connection, if there is one that needs no check; otherwise an empty lease, and acquire() it is.
    [[nodiscard]] lease try_acquire_now() noexcept;
    /// Waits in line for a connection. Throws acquire_timeout (at the op's deadline if it has one, else after
    /// `acquire_timeout`), too_many_waiting, pool_closed, cancelled, and authentication_failed, configuration_error or
    /// database_error where waiting cannot help. The op may outlive the pool object.
    [[nodiscard]] io::op<lease> acquire();

    /// Refuses acquires from now on, those that wait too, and waits until leases are given back and connections have
    /// ended, at most `close_timeout` or until the op's deadline. What is still out then is terminated: statements that
    /// run on it fail. Throws timed_out, which says how many they were. May be called again.
    [[nodiscard]] io::op<void> close();

    [[nodiscard]] pool_stats stats() const;
    /// The settings in force: empty ones filled in, and no larger than the database allows.
    [[nodiscard]] const pool_options& options() const noexcept;
    [[nodiscard]] connector& database() const noexcept;
    /// What the pool's own work runs on.
    [[nodiscard]] io::background& context();

private:
    std::shared_ptr<detail::pool_state> state_; // shared with leases and with work in the background
};

} // namespace wharf
