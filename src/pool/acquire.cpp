// Getting a connection: at once, or by waiting in line.
#include "pool/pool_state.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace wharf::detail {

/// A place in the line, held by the frame of an acquire. Leaves the line when destroyed, and gives back a connection
/// that was handed over and not taken.
class waiting_acquire {
public:
    waiting_acquire(pool_state& pool, std::shared_ptr<io::parking_spot> spot, bool in_front)
        : pool_(pool), waiter_(std::move(spot)) {
        waiter_.since = pool_.now();
        pool_state::effects todo;
        {
            const pool_state::guard locked(pool_.mutex_);
            enter(in_front, todo);
        }
        pool_.perform(todo);
    }
    waiting_acquire(const waiting_acquire&) = delete;
    waiting_acquire& operator=(const waiting_acquire&) = delete;
    ~waiting_acquire() {
        leave();
        if (waiter_.slot != nullptr) pool_.release(*waiter_.slot);
    }

    /// Settles how the wait ended. Throws what acquire() throws.
    [[nodiscard]] pool_slot* take(io::wake how) {
        const auto waited = pool_.now() - waiter_.since;
        if (auto seen = give_up(how)) throw acquire_timeout(acquire_timeout_message(waited, *seen));
        // An acquire that was cancelled passes on what it was handed meanwhile; one that ran out of time keeps it.
        if (how == io::wake::cancelled) throw cancelled("the acquire was cancelled while it waited for a connection");
        if (waiter_.state.load(std::memory_order_acquire) == waiter_state::failed) {
            std::rethrow_exception(waiter_.error);
        }
        return std::exchange(waiter_.slot, nullptr);
    }

private:
    void enter(bool in_front, pool_state::effects& todo) {
        if (pool_.closed_) throw pool_closed("the pool is closed");
        if (pool_.waiters_.size() >= pool_.options_.max_waiting && !in_front) {
            ++pool_.counts_.rejected;
            throw too_many_waiting(too_many_waiting_message(pool_.options_.max_waiting, pool_.picture(waiter_.since)));
        }
        in_front ? pool_.waiters_.push_front(waiter_) : pool_.waiters_.push_back(waiter_);
        pool_.counts_.peak_waiting = std::max(pool_.counts_.peak_waiting, pool_.waiters_.size());
        if (auto* back = pool_.idle_.back(); back != nullptr) {
            // One came back since this acquire looked.
            pool_.take_out(*back);
            pool_.place(*back, waiter_.since, todo);
        }
        pool_.grow(todo);
    }

    /// What the pool looked like, if the acquire was still waiting and the time was up.
    std::optional<pool_picture> give_up(io::wake how) {
        if (how == io::wake::ready) return std::nullopt;
        const pool_state::guard locked(pool_.mutex_);
        if (waiter_.state.load(std::memory_order_relaxed) != waiter_state::waiting) return std::nullopt;
        std::optional<pool_picture> seen;
        if (how == io::wake::timed_out) {
            ++pool_.counts_.timeouts;
            seen = pool_.picture(pool_.now());
        } else {
            ++pool_.counts_.cancelled;
        }
        withdraw();
        return seen;
    }

    void leave() noexcept {
        if (waiter_.state.load(std::memory_order_acquire) != waiter_state::waiting) return;
        const pool_state::guard locked(pool_.mutex_);
        if (waiter_.state.load(std::memory_order_relaxed) != waiter_state::waiting) return;
        ++pool_.counts_.cancelled;
        withdraw();
    }

    void withdraw() noexcept {
        pool_.waiters_.erase(waiter_);
        waiter_.state.store(waiter_state::cancelled, std::memory_order_relaxed);
    }

    pool_state& pool_;
    waiter waiter_;
};

namespace {

// A connection is looked at once in this time, however often it is lent: then looking costs nothing that could be
// measured, and a server that is restarted takes longer.
constexpr auto look_interval = std::chrono::milliseconds(1);

} // namespace

lease pool_state::try_acquire_now() noexcept {
    if (forked()) return lease();
    for (;;) {
        const auto moment = time_.coarse();
        auto found = take_recent(moment);
        if (!found || still_open(found, moment)) return found;
        check_failed(std::move(found));
    }
}

// What the server has said or done while the connection was idle is seen here, before the borrower writes to it.
bool pool_state::still_open(const lease& lent, time_point moment) noexcept {
    auto& slot = *lent.slot_;
    if (moment - slot.looked_at < look_interval) return true;
    slot.looked_at = moment;
    return slot.core.underlying().still_open();
}

lease pool_state::take_recent(time_point moment) noexcept {
    const guard locked(mutex_);
    auto* slot = options_.order == pool_order::lifo ? idle_.back() : idle_.front();
    if (slot == nullptr || moment - slot->idle_since > options_.validate_after_idle || slot->retire_at <= moment ||
        !slot->core.usable()) {
        return lease();
    }
    idle_.erase(*slot);
    lend(*slot, moment);
    return lease(slot);
}

lease pool_state::take_idle() {
    effects todo;
    pool_slot* found = nullptr;
    {
        const auto moment = now();
        const guard locked(mutex_);
        while (found == nullptr && !idle_.empty()) {
            auto* slot = options_.order == pool_order::lifo ? idle_.back() : idle_.front();
            take_out(*slot);
            if (!slot->core.usable()) {
                begin_closing(*slot, &pool_closures::broken, todo);
            } else if (slot->retire_at <= moment) {
                begin_closing(*slot, &pool_closures::lifetime, todo);
            } else {
                lend(*slot, moment);
                found = slot;
            }
        }
    }
    perform(todo);
    return lease(found);
}

bool pool_state::wants_check(const lease& lent) const noexcept {
    const auto& slot = *lent.slot_;
    return slot.lent_at - slot.idle_since > options_.validate_after_idle;
}

io::op<bool> pool_state::answers(pool_state& pool, const lease& lent) {
    {
        const guard locked(pool.mutex_);
        ++pool.counts_.checks;
    }
    auto& checked = lent.slot_->core.underlying();
    try {
        auto& running = co_await io::this_task();
        const io::deadline_scope limit(running, deadline_after(pool.now(), pool.options_.ping_timeout));
        co_await checked.ping();
    } catch (const cancelled&) {
        throw;
    } catch (const error&) {
        co_return false;
    }
    lent.slot_->looked_at = pool.now();
    co_return checked.usable();
}

void pool_state::check_failed(lease lent) noexcept {
    effects todo;
    {
        auto& slot = *std::exchange(lent.slot_, nullptr);
        const guard locked(mutex_);
        --counts_.lent;
        --counts_.acquired;
        if (slot.uses > 1) --counts_.reused;
        slot.next_lease_number();
        begin_closing(slot, &pool_closures::check_failed, todo);
    }
    perform(todo);
}

io::op<lease> pool_state::acquire(std::shared_ptr<pool_state> pool) {
    pool->start();
    auto& running = co_await io::this_task();
    auto deadline = running.deadline();
    if (deadline == never) deadline = deadline_after(pool->now(), pool->options_.acquire_timeout);
    const io::deadline_scope limit(running, deadline);

    bool keeps_its_place = false; // in front of the line, since it was there when its connection turned out dead
    for (;;) {
        auto found = pool->take_idle();
        if (!found) {
            auto spot = co_await io::make_parking_spot();
            waiting_acquire place(*pool, spot, keeps_its_place);
            const auto how = co_await io::park(spot);
            found = lease(place.take(how));
        }
        bool alive = false;
        if (pool->wants_check(found))
            alive = co_await answers(*pool, found);
        else
            alive = still_open(found, pool->now());
        if (alive) co_return std::move(found);
        pool->check_failed(std::move(found));
        keeps_its_place = true;
    }
}

} // namespace wharf::detail
