// The state of a pool, shared by its handle, its leases and its work in the background.
//
//   pool_state.cpp  start, counting, lending      acquire.cpp  waiting in line, checks     release.cpp  coming back
//   growth.cpp      opening connections           closing.cpp  ending them, close()        upkeep.cpp   what time does
//   acquiring.cpp   one acquire, step by step     check.cpp    asking for an answer         replace.cpp  another driver
//
// One mutex guards lists and counters, and is held for a few instructions. What follows from a change (waking, opening,
// cleaning, closing) is noted in `effects` and done after the mutex is let go.
//
// Who keeps the state: the handle and each lease, through one pointer of the state to itself (`keep_`), since leases
// are counted under the mutex anyway; and ops in the background, which only use what is left when the pool has ended.
#pragma once

#include "pool/backoff.hpp"
#include "pool/claims.hpp"
#include "pool/connects.hpp"
#include "pool/fork_watch.hpp"
#include "pool/growth_rule.hpp"
#include "pool/idle_watch.hpp"
#include "pool/linked_list.hpp"
#include "pool/messages.hpp"
#include "pool/recent_mean.hpp"
#include "pool/retirement.hpp"
#include "pool/slot.hpp"
#include "pool/waiting_line.hpp"
#include "wharf/pool/pool_core.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace wharf::detail {

class pool_state : public std::enable_shared_from_this<pool_state> {
public:
    pool_state(std::shared_ptr<connector> database, pool_core::background_source make_background,
               const pool_options& options, const time_source& time);
    ~pool_state();

    /// The handle's destructor.
    void handle_gone() noexcept;
    void keep_itself() { keep_ = shared_from_this(); }

    /// Makes the background and begins to open min_size connections. Throws pool_closed, and usage_error after fork().
    void start();
    [[nodiscard]] io::background& context();
    [[nodiscard]] pool_stats stats() const;
    [[nodiscard]] const pool_options& options() const noexcept { return options_; }
    [[nodiscard]] connector& database() const noexcept { return *database_; }
    [[nodiscard]] time_point now() const noexcept { return time_.now(); }
    /// Whether this is a child process of the pool's own. Then nothing of it is touched, nor may be used.
    [[nodiscard]] bool forked() const noexcept;
    void require_same_process(const char* what = "pool") const;

    // acquire.cpp
    [[nodiscard]] lease try_acquire_now() noexcept;
    [[nodiscard]] static io::op<lease> acquire(std::shared_ptr<pool_state> pool);

    // release.cpp
    void release(pool_slot& slot) noexcept;
    void cleaned(std::shared_ptr<pool_slot> slot, bool well) noexcept;
    void checked_in_background(std::shared_ptr<pool_slot> slot, bool well) noexcept;

    // replace.cpp
    [[nodiscard]] static io::op<void> replace_driver(std::shared_ptr<pool_slot> slot, std::exception_ptr why);

    // growth.cpp
    [[nodiscard]] static io::op<void> open(std::shared_ptr<pool_state> pool);
    void connected(std::unique_ptr<driver> opened, connects::handle attempt, time_point began);
    void connect_failed(std::exception_ptr error, connects::handle attempt, std::uint64_t round) noexcept;
    void connect_abandoned(connects::handle attempt) noexcept;

    // closing.cpp
    [[nodiscard]] static io::op<void> close(std::shared_ptr<pool_state> pool);
    void closed(std::uint64_t pool_closures::* reason) noexcept;

private:
    friend class acquiring;
    friend class pool_opener;
    friend class watching;

    /// What is to be done once the mutex is let go.
    struct effects {
        std::vector<std::shared_ptr<io::parking_spot>> wake{}; // shared with those who wait
        std::vector<closing_claim> close{};
        std::vector<cleaning_claim> clean{};
        std::vector<checking_claim> check{};
        std::vector<checking_claim> settle{};
        std::vector<connect_claim> connect{};
    };
    using guard = std::lock_guard<std::mutex>;
    enum class returned : std::uint8_t { clean, in_transaction, felt_by_others, unfit, broken };

    void perform(effects& todo) noexcept;
    void spawn(io::op<void> work);
    void tear_down() noexcept;

    // The mutex is held for the rest.
    [[nodiscard]] std::size_t total() const noexcept;
    void lend(pool_slot& slot, time_point now) noexcept;
    void served(const waiter& who, time_point now) noexcept;
    void hand_over(waiter& to, pool_slot& slot, time_point now, effects& todo);
    void serve_line(time_point now, effects& todo);
    [[nodiscard]] bool others_come_first() const noexcept;
    [[nodiscard]] pool_slot* take_good_idle(time_point now, effects& todo);
    [[nodiscard]] bool can_go_idle(const pool_slot& slot, time_point now) const noexcept;
    void make_idle(pool_slot& slot, time_point now) noexcept;
    void place(pool_slot& slot, time_point now, effects& todo);
    void leave_idle(pool_slot& slot) noexcept;
    void take_out(pool_slot& slot) noexcept; // of the idle ones, also where it awaits its replacement
    void begin_closing(pool_slot& slot, std::uint64_t pool_closures::* reason, effects& todo);
    [[nodiscard]] std::shared_ptr<pool_slot> remove(pool_slot& slot) noexcept;
    void grow(effects& todo);
    [[nodiscard]] std::size_t floor() const noexcept;
    [[nodiscard]] duration late_connect() noexcept;
    [[nodiscard]] growth growth_by_demand(time_point now) noexcept;
    void connect_ended(connects::handle attempt) noexcept;
    void fail_waiters(const std::exception_ptr& error, effects& todo);
    void notify_watchers(effects& todo);
    void shut(effects& todo);
    [[nodiscard]] bool nothing_out() const noexcept;
    [[nodiscard]] std::string terminate_what_is_out();
    void suspect_idle_before(time_point moment, effects& todo);
    [[nodiscard]] pool_picture picture(time_point now);
    [[nodiscard]] std::optional<time_point> holding_since(time_point now);
    [[nodiscard]] pool_stats snapshot() const;

    // acquire.cpp, acquiring.cpp
    /// What becomes of a connection that was lent and that nobody got.
    struct unused {
        std::uint64_t pool_closures::* closed_for{nullptr}; ///< null: it is good
        std::uint64_t pool_stats::* counted{nullptr};       ///< what its acquire came to
        bool waited{false};                                 ///< it was counted as one that waited
        bool suspects_others{false};                        ///< those idle for as long may be dead too
    };
    [[nodiscard]] pool_slot* take_recent(time_point moment) noexcept;
    [[nodiscard]] static lease lease_of(pool_slot& slot) noexcept { return lease(&slot); }
    [[nodiscard]] static bool still_open(pool_slot& slot, time_point moment) noexcept;
    [[nodiscard]] static io::op<bool> answers(pool_state& pool, pool_slot& slot);
    [[nodiscard]] bool wants_check(const pool_slot& slot) const noexcept;
    void end_unused(pool_slot& slot, const unused& what) noexcept;
    void require_not_cancelled(const io::task& running);
    void release_further(pool_slot& slot, returned state, time_point now, std::unique_lock<std::mutex> locked) noexcept;

    // release.cpp
    /// What is undone of a lease, by its thread.
    struct undone {
        returned state{returned::clean};
        bool rolled_back{false};
        bool reset{false};
    };
    /// What is still to be sent or answered for a connection that nobody borrows is seen to in the background then. Who
    /// borrows again and again comes before that.
    static constexpr std::chrono::milliseconds settled_after{10};
    [[nodiscard]] undone undo_at_once(pool_slot& slot) noexcept;
    [[nodiscard]] bool wants_reset(const pool_slot& slot) const noexcept;
    [[nodiscard]] bool can_wait_for_upkeep(const pool_slot& slot, time_point now) const noexcept;
    void settle_idle_ones(time_point now, effects& todo);
    [[nodiscard]] time_point next_to_settle() const noexcept;

    // idle_watch.cpp
    /// Begins to watch its socket. True: it is the first.
    [[nodiscard]] bool watch(pool_slot& slot) noexcept;
    [[nodiscard]] static io::op<void> watch_idle(std::shared_ptr<pool_state> pool);
    /// Ends those idle ones whose other side has. False: the pool is closed.
    [[nodiscard]] bool take_hang_ups();

    // growth.cpp, closing.cpp, upkeep.cpp
    [[nodiscard]] static io::op<void> open_one(connect_claim claim);
    [[nodiscard]] static io::op<void> clean_one(cleaning_claim claim);
    [[nodiscard]] static io::op<void> check_one(checking_claim claim);
    [[nodiscard]] static io::op<void> settle_one(checking_claim claim);
    [[nodiscard]] static io::op<void> close_one(closing_claim claim);
    [[nodiscard]] static io::op<void> upkeep(std::shared_ptr<pool_state> pool);
    [[nodiscard]] bool look_after(std::shared_ptr<io::parking_spot> spot, time_point& next);
    void close_idle_ones(time_point now, effects& todo);
    void close_old_ones(time_point now, effects& todo);
    void close_one_retired(effects& todo);
    [[nodiscard]] time_point next_need(time_point now) const noexcept;
    void wake_upkeep_for(time_point need, effects& todo);
    [[nodiscard]] bool is_open() const noexcept {
        return slots_.size() >= std::max<std::size_t>(*options_.min_size, 1);
    }

    const std::shared_ptr<connector> database_; // shared with the slots
    const pool_core::background_source make_background_;
    const pool_options options_;
    const std::size_t limit_;
    const time_source& time_;
    const std::uint64_t process_;

    // Guards background_; never taken while mutex_ is held. Recursive: a background that is ending destroys what is
    // spawned, and with it a claim, whose place is then taken by other work.
    std::recursive_mutex spawning_;
    std::shared_ptr<io::background> background_{}; // shared where it is the reactor of an execution context
    std::atomic<io::background*> context_{nullptr};

    mutable std::mutex mutex_;
    linked_list<pool_slot> idle_{};            // back: returned last; with lifo, front: never lent yet
    linked_list<unsettled_place> unsettled_{}; // of the idle ones
    waiting_line line_;
    linked_list<watcher> watchers_{};
    std::vector<std::shared_ptr<pool_slot>> slots_{}; // idle, lent, cleaning; shared with ops on them
    pool_stats counts_{};                             // but for idle, waiting and limit
    connects connects_{};
    backoff backoff_;
    recent_mean usual_hold_{};
    recent_mean usual_connect_{};
    time_point last_served_{};     // when a waiter last got a connection
    time_point growth_due_{never}; // when grow() is to be asked again
    std::size_t openers_{0};       // open() calls
    std::exception_ptr last_connect_error_{};
    std::string last_connect_text_{};
    time_point looked_for_holder_{};
    std::optional<time_point> longest_holding_since_{};
    std::shared_ptr<io::parking_spot> upkeep_spot_{}; // shared with the op that parks there
    time_point next_upkeep_{never};
    retirement retirement_{};
    std::unique_ptr<idle_watch> watch_{};                     // made with the first connection that has a socket
    std::unordered_map<std::uint64_t, pool_slot*> watched_{}; // by pool_slot::watched_as
    std::uint64_t last_watched_{0};
    bool upkeep_runs_{false};
    bool filling_{false}; // min_size is to be kept
    bool closed_{false};
    bool handle_gone_{false};
    std::atomic<bool> started_{false};
    std::shared_ptr<pool_state> keep_{}; // while there is a handle or a lease
};

// On the way of every acquire and release.

inline bool pool_state::forked() const noexcept {
    return process_generation() != process_;
}

inline void pool_state::lend(pool_slot& slot, time_point now) noexcept {
    slot.place = slot_place::lent;
    slot.next_lease_number();
    slot.lent_at = now;
    slot.statements_when_lent = slot.core.underlying().counters().statements;
    ++counts_.acquired;
    if (slot.uses++ != 0) ++counts_.reused;
    counts_.peak_lent = std::max(counts_.peak_lent, ++counts_.lent);
}

inline bool pool_state::can_go_idle(const pool_slot& slot, time_point now) const noexcept {
    return !closed_ && !slot.hung_up && line_.empty() && slot.retire_at > now && slots_.size() <= options_.max_size &&
           (options_.max_uses == 0 || slot.uses < options_.max_uses);
}

inline void pool_state::make_idle(pool_slot& slot, time_point now) noexcept {
    slot.place = slot_place::idle;
    // Those that have been used know their statements: lifo lends them first.
    if (slot.uses == 0 && slot.settled && !idle_.empty() && options_.order == pool_order::lifo) {
        slot.idle_since = idle_.front()->idle_since;
        idle_.push_front(slot);
        return;
    }
    slot.idle_since = now;
    idle_.push_back(slot);
    if (!slot.settled) unsettled_.push_back(slot.unsettled);
}

inline void pool_state::leave_idle(pool_slot& slot) noexcept {
    idle_.erase(slot);
    if (!slot.settled) unsettled_.erase(slot.unsettled);
}

} // namespace wharf::detail
