// Taking connections back.
#include "pool/pool_state.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <span>
#include <utility>

namespace wharf::detail {

cleaning_claim::~cleaning_claim() {
    if (pool_) pool_->cleaned(std::move(slot_), well_);
}

void pool_state::release(pool_slot& slot) noexcept {
    if (forked()) return; // the connection is the parent's: not even closed here
    slot.next_lease_number();
    auto& core = slot.core;
    // An op that still runs on it holds the connection's memory, see lease_use.
    auto state = returned::clean;
    core.end_lease();
    bool rolled_back = false;
    if (core.busy() || !core.usable()) {
        state = returned::broken;
    } else if (!core.underlying().is_fit()) {
        state = returned::unfit;
    } else if (!core.forget_unsent()) {
        rolled_back = core.roll_back_now();
        if (!rolled_back) state = returned::in_transaction;
    }
    const bool reset = state == returned::clean && reset_before_next(slot);
    // What only the next borrower would feel is undone in front of his first statement; this at once.
    if (reset && core.underlying().leaves_traces()) state = returned::felt_by_others;

    const auto moment = time_.coarse();
    std::unique_lock locked(mutex_);
    --counts_.lent;
    ++counts_.released;
    if (rolled_back) ++counts_.cleaned;
    if (reset) ++counts_.resets;
    counts_.usage_time += moment - slot.lent_at;
    if (state == returned::clean && can_go_idle(slot, moment)) return make_idle(slot, moment);
    release_further(slot, state, moment, std::move(locked));
}

void pool_state::release_further(pool_slot& slot, returned state, time_point now,
                                 std::unique_lock<std::mutex> locked) noexcept {
    effects todo;
    std::shared_ptr<pool_slot> ended;
    std::shared_ptr<pool_state> keep; // the state may end with another thread's lease once the mutex is let go
    bool last = false;
    if (handle_gone_) {
        ended = remove(slot);
        ++counts_.closed.shut_down;
        last = counts_.lent == 0;
        if (nothing_out()) notify_watchers(todo);
    } else if (state == returned::broken) {
        begin_closing(slot, &pool_closures::broken, todo);
    } else if (state == returned::unfit) {
        begin_closing(slot, &pool_closures::unfit, todo);
    } else if (state != returned::clean && !closed_) {
        slot.place = slot_place::cleaning;
        ++counts_.cleaning;
        todo.clean.emplace_back(shared_from_this(), slots_[slot.index]);
    } else {
        place(slot, now, todo);
    }
    if (!todo.clean.empty() || !todo.close.empty()) keep = shared_from_this();
    locked.unlock();

    perform(todo);
    ended.reset();
    if (last) tear_down();
}

void pool_state::cleaned(std::shared_ptr<pool_slot> slot, bool well) noexcept {
    const bool reset = well && reset_before_next(*slot);
    effects todo;
    {
        const auto moment = now();
        const guard locked(mutex_);
        --counts_.cleaning;
        if (well) {
            ++counts_.cleaned;
            if (reset) ++counts_.resets;
            place(*slot, moment, todo);
        } else {
            begin_closing(*slot, &pool_closures::broken, todo);
        }
    }
    slot.reset();
    perform(todo);
}

bool pool_state::reset_before_next(pool_slot& slot) noexcept {
    auto& connection = slot.core.underlying();
    if (options_.reset == pool_reset::none || connection.counters().statements == slot.statements_when_lent) {
        return false;
    }
    connection.reset_before_next();
    return true;
}

io::op<void> pool_state::clean_one(cleaning_claim claim) {
    try {
        auto& pool = claim.pool();
        auto& running = co_await io::this_task();
        const io::deadline_scope limit(running, deadline_after(pool.now(), pool.options_.clean_up_timeout));
        auto& core = claim.slot().core;
        co_await core.clean_up();
        auto& connection = core.underlying();
        if (pool.options_.reset != pool_reset::none && connection.leaves_traces()) {
            connection.reset_before_next();
            const std::span<batch_item> nothing;
            co_await connection.run(nothing);
            claim.slot().statements_when_lent = connection.counters().statements; // nothing to be reset any more
        }
        if (core.usable()) claim.succeeded();
    } catch (const std::exception&) {
        // The claim ends the connection.
    }
}

} // namespace wharf::detail
