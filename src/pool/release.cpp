// Taking connections back.
#include "pool/pool_state.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

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
    if (core.busy() || !core.usable()) {
        state = returned::broken;
    } else if (!core.forget_unsent()) {
        state = returned::in_transaction;
    }
    const bool reset = state == returned::clean && reset_before_next(slot);

    const auto moment = time_.coarse();
    std::unique_lock locked(mutex_);
    --counts_.lent;
    ++counts_.released;
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
    } else if (state == returned::in_transaction && !closed_) {
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
        co_await claim.slot().core.clean_up();
        if (claim.slot().core.usable()) claim.succeeded();
    } catch (const std::exception&) {
        // The claim ends the connection.
    }
}

} // namespace wharf::detail
