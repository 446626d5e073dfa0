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
    undone done;
    core.end_lease();
    if (core.busy() || !core.usable())
        done.state = returned::broken;
    else if (!core.underlying().is_fit())
        done.state = returned::unfit;
    else
        done = undo_at_once(slot);
    const bool settled =
        done.state != returned::clean || (!core.underlying().awaits_undo() && !core.underlying().reset_is_due());

    const auto moment = time_.coarse();
    std::unique_lock locked(mutex_);
    --counts_.lent;
    ++counts_.released;
    // What goes on in the background is counted when it has succeeded.
    if (done.rolled_back && done.state == returned::clean) ++counts_.cleaned;
    if (done.reset) ++counts_.resets;
    counts_.usage_time += moment - slot.lent_at;
    slot.settled = settled;
    if (done.state == returned::clean && can_go_idle(slot, moment) && can_wait_for_upkeep(slot, moment))
        return make_idle(slot, moment);
    release_further(slot, done.state, moment, std::move(locked));
}

// What only the next borrower would feel goes with a write that is needed anyway, now or for his first statement: one
// of its own would cost two turns of the server instead of one. Where he does not come, settle_idle_ones() sees to it.
pool_state::undone pool_state::undo_at_once(pool_slot& slot) noexcept {
    undone out;
    auto& core = slot.core;
    auto& connection = core.underlying();
    const bool open = !core.forget_unsent();
    const bool reset = wants_reset(slot);
    const bool felt = reset && connection.leaves_traces();
    const bool session_sent = reset && (felt || open) && core.undo_now(undo::session);
    out.rolled_back = open && (session_sent || core.roll_back_now());
    if (!core.forget_unsent()) {
        out.state = returned::in_transaction;
        return out;
    }
    if (reset && !session_sent) connection.reset_before_next();
    if (reset) slot.statements_when_lent = connection.counters().statements; // nothing to be reset any more
    out.reset = reset;
    if (felt) out.state = returned::felt_by_others;
    return out;
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
        wake_upkeep_for(next_to_settle(), todo);
    }
    if (!todo.clean.empty() || !todo.close.empty()) keep = shared_from_this();
    locked.unlock();

    perform(todo);
    ended.reset();
    if (last) tear_down();
}

void pool_state::cleaned(std::shared_ptr<pool_slot> slot, bool well) noexcept {
    const bool settled = !slot->core.underlying().reset_is_due();
    effects todo;
    {
        const auto moment = now();
        const guard locked(mutex_);
        --counts_.cleaning;
        slot->settled = settled;
        if (well) {
            ++counts_.cleaned;
            place(*slot, moment, todo);
        } else {
            begin_closing(*slot, &pool_closures::broken, todo);
        }
    }
    slot.reset();
    perform(todo);
}

bool pool_state::wants_reset(const pool_slot& slot) const noexcept {
    return options_.reset != pool_reset::none &&
           slot.core.underlying().counters().statements != slot.statements_when_lent;
}

io::op<void> pool_state::clean_one(cleaning_claim claim) {
    try {
        auto& pool = claim.pool();
        auto& running = co_await io::this_task();
        const io::deadline_scope limit(running, deadline_after(pool.now(), pool.options_.clean_up_timeout));
        auto& core = claim.slot().core;
        auto& connection = core.underlying();
        const bool reset = pool.wants_reset(claim.slot());
        co_await core.clean_up();
        if (connection.awaits_undo()) co_await connection.ping();
        if (reset) {
            connection.reset_before_next();
            claim.slot().statements_when_lent = connection.counters().statements;
            const guard locked(pool.mutex_);
            ++pool.counts_.resets;
        }
        if (connection.reset_is_due() && (connection.leaves_traces() || pool.line_.seems_empty())) {
            const std::span<batch_item> nothing;
            co_await connection.run(nothing);
        }
        if (core.usable()) claim.succeeded();
    } catch (const std::exception&) {
        // The claim ends the connection.
    }
}

// What was sent at the return has been answered long before, as a rule.
io::op<void> pool_state::settle_one(checking_claim claim) {
    try {
        auto& pool = claim.pool();
        auto& running = co_await io::this_task();
        const io::deadline_scope limit(running, deadline_after(pool.now(), pool.options_.clean_up_timeout));
        auto& connection = claim.slot().core.underlying();
        const bool open = connection.still_open();
        if (open && connection.awaits_undo()) co_await connection.ping();
        if (open && connection.reset_is_due()) {
            const std::span<batch_item> nothing;
            co_await connection.run(nothing);
        }
        if (connection.usable() && connection.is_fit()) claim.succeeded();
    } catch (const std::exception&) {
        // The claim ends the connection.
    }
}

bool pool_state::can_wait_for_upkeep(const pool_slot& slot, time_point now) const noexcept {
    return slot.settled || !upkeep_spot_ || next_upkeep_ <= deadline_after(now, settled_after);
}

void pool_state::settle_idle_ones(time_point now, effects& todo) {
    while (auto* oldest = unsettled_.front()) {
        auto& slot = oldest->slot;
        if (now - slot.idle_since < settled_after) return;
        take_out(slot);
        slot.settled = true;
        slot.place = slot_place::cleaning;
        ++counts_.cleaning;
        todo.settle.emplace_back(shared_from_this(), slots_[slot.index]);
    }
}

time_point pool_state::next_to_settle() const noexcept {
    const auto* oldest = unsettled_.front();
    return oldest == nullptr ? never : deadline_after(oldest->slot.idle_since, settled_after);
}

} // namespace wharf::detail
