// One acquire, from its start to its connection.
#pragma once

#include "pool/pool_state.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace wharf::detail {

/// Lives in the frame of its op. When destroyed it leaves the line, and gives back a connection that nobody got.
class acquiring {
public:
    explicit acquiring(pool_state& pool) noexcept : pool_(pool), began_(pool.now()), waiter_(nullptr) {}
    acquiring(const acquiring&) = delete;
    acquiring& operator=(const acquiring&) = delete;
    ~acquiring();

    /// Takes an idle connection; false: it has to wait.
    [[nodiscard]] bool take_idle();
    /// Stands in line, in front if it had its turn before. Throws pool_closed and too_many_waiting.
    void enter(std::shared_ptr<io::parking_spot> spot);
    /// After a wait on the spot: true when there is a connection, false when it has to sleep on. Throws how else it
    /// ended: acquire_timeout, cancelled, and what the waiters of a pool are told.
    [[nodiscard]] bool look(io::wake how);
    /// Sleeps on, on another spot; true when there is a connection by now.
    [[nodiscard]] bool sleep_again(std::shared_ptr<io::parking_spot> spot);

    // There is a connection.
    [[nodiscard]] pool_slot& slot() const noexcept { return *slot_; }
    [[nodiscard]] lease accept() noexcept;
    /// It did not answer. Throws acquire_timeout when the time is up.
    void refuse(time_point deadline);

private:
    void take(pool_slot& found, time_point now) noexcept;
    /// Settled by others: true when there is a connection. Throws what it was told.
    [[nodiscard]] bool take_what_was_given();
    void look_for_idle(time_point now, pool_state::effects& todo);
    void withdraw(std::uint64_t pool_stats::* counted, pool_state::effects& todo) noexcept;
    [[nodiscard]] std::string why_not();
    [[nodiscard]] bool waits() const noexcept {
        return in_line_ && waiter_.state.load(std::memory_order_acquire) == waiter_state::waiting;
    }

    pool_state& pool_;
    const time_point began_;
    waiter waiter_;
    pool_slot* slot_{nullptr};
    std::size_t failed_checks_{0};
    bool in_line_{false}; // its state says how that goes on
    bool waited_{false};  // for slot_
};

} // namespace wharf::detail
