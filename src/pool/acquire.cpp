// Getting a connection: at once, or by waiting in line.
#include "pool/acquiring.hpp"
#include "pool/pool_state.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <utility>

namespace wharf::detail {
namespace {

// A connection is looked at once in this time, however often it is lent: then looking costs nothing that could be
// measured, and a server that is restarted takes longer.
constexpr auto look_interval = std::chrono::milliseconds(1);

} // namespace

lease pool_state::try_acquire_now() noexcept {
    if (forked()) return lease();
    for (;;) {
        const auto moment = time_.coarse();
        auto* found = take_recent(moment);
        if (found == nullptr || still_open(*found, moment)) return lease(found);
        end_unused(*found, {.closed_for = &pool_closures::check_failed});
    }
}

// What the server has said or done while the connection was idle is seen here, before the borrower writes to it.
bool pool_state::still_open(pool_slot& slot, time_point moment) noexcept {
    if (moment - slot.looked_at < look_interval) return true;
    slot.looked_at = moment;
    auto& connection = slot.core.underlying();
    return connection.still_open() && connection.is_fit();
}

pool_slot* pool_state::take_recent(time_point moment) noexcept {
    const guard locked(mutex_);
    auto* slot = options_.order == pool_order::lifo ? idle_.back() : idle_.front();
    if (slot == nullptr || moment - slot->idle_since > options_.validate_after_idle || slot->retire_at <= moment ||
        !slot->core.usable() || others_come_first()) {
        return nullptr;
    }
    leave_idle(*slot);
    lend(*slot, moment);
    return slot;
}

void pool_state::end_unused(pool_slot& slot, const unused& what) noexcept {
    effects todo;
    std::shared_ptr<pool_slot> ended;
    const auto keep = shared_from_this();
    bool last = false;
    {
        const auto moment = now();
        const guard locked(mutex_);
        slot.next_lease_number();
        --counts_.lent;
        --counts_.acquired;
        if (--slot.uses != 0) --counts_.reused;
        if (what.waited) --counts_.waited;
        if (what.suspects_others) suspect_idle_before(slot.idle_since, todo);
        if (what.counted != nullptr) ++(counts_.*what.counted);
        if (handle_gone_) {
            ended = remove(slot);
            ++counts_.closed.shut_down;
            last = counts_.lent == 0;
            if (nothing_out()) notify_watchers(todo);
        } else if (what.closed_for != nullptr) {
            begin_closing(slot, what.closed_for, todo);
        } else {
            place(slot, moment, todo);
        }
    }
    perform(todo);
    ended.reset();
    if (last) tear_down();
}

void pool_state::require_not_cancelled(const io::task& running) {
    if (!running.is_cancelled()) return;
    {
        const guard locked(mutex_);
        ++counts_.cancelled;
    }
    throw cancelled("the acquire was cancelled before it began");
}

io::op<lease> pool_state::acquire(std::shared_ptr<pool_state> pool) {
    auto& running = co_await io::this_task();
    pool->require_not_cancelled(running);
    pool->start();
    acquiring one(*pool);
    auto deadline = running.deadline();
    if (deadline == never) deadline = deadline_after(pool->now(), pool->options_.acquire_timeout);
    const io::deadline_scope limit(running, deadline);

    for (;;) {
        bool found = one.take_idle();
        if (!found) {
            auto spot = co_await io::make_parking_spot();
            one.enter(spot);
            while (!found) {
                const auto how = co_await io::park(spot);
                found = one.look(how);
                if (found) break;
                spot = co_await io::make_parking_spot();
                found = one.sleep_again(spot);
            }
        }
        bool alive = false;
        if (pool->wants_check(one.slot()))
            alive = co_await answers(*pool, one.slot());
        else
            alive = still_open(one.slot(), pool->now());
        if (alive) co_return one.accept();
        one.refuse(deadline);
    }
}

} // namespace wharf::detail
