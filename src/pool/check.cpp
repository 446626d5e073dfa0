// Asking idle connections for an answer: one that is lent next, before that; others of its age when it was dead.
#include "pool/pool_state.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <utility>

namespace wharf::detail {

checking_claim::~checking_claim() {
    if (pool_) pool_->checked_in_background(std::move(slot_), well_);
}

bool pool_state::wants_check(const pool_slot& slot) const noexcept {
    return slot.lent_at - slot.idle_since > options_.validate_after_idle;
}

io::op<bool> pool_state::answers(pool_state& pool, pool_slot& slot) {
    {
        const guard locked(pool.mutex_);
        ++pool.counts_.checks;
    }
    auto& checked = slot.core.underlying();
    try {
        auto& running = co_await io::this_task();
        const io::deadline_scope limit(running, deadline_after(pool.now(), pool.options_.ping_timeout));
        co_await checked.ping();
    } catch (const cancelled&) {
        throw;
    } catch (const error&) {
        co_return false;
    }
    slot.looked_at = pool.now();
    co_return checked.usable() && checked.is_fit();
}

void pool_state::suspect_idle_before(time_point moment, effects& todo) {
    // They stand in the order in which they came back.
    while (auto* slot = idle_.front()) {
        if (slot->idle_since > moment) return;
        take_out(*slot);
        slot->place = slot_place::cleaning;
        ++counts_.cleaning;
        todo.check.emplace_back(shared_from_this(), slots_[slot->index]);
    }
}

void pool_state::checked_in_background(std::shared_ptr<pool_slot> slot, bool well) noexcept {
    effects todo;
    {
        const auto moment = now();
        const guard locked(mutex_);
        --counts_.cleaning;
        if (well) {
            place(*slot, moment, todo);
        } else {
            begin_closing(*slot, &pool_closures::check_failed, todo);
        }
    }
    slot.reset();
    perform(todo);
}

io::op<void> pool_state::check_one(checking_claim claim) {
    try {
        const bool alive = co_await answers(claim.pool(), claim.slot());
        if (alive) claim.succeeded();
    } catch (const std::exception&) {
        // The claim ends the connection.
    }
}

} // namespace wharf::detail
