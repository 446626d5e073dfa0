// What time does to a pool: idle limits, lifetimes, the next attempt after a failed connect.
#include "pool/pool_state.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <utility>

namespace wharf::detail {

io::op<void> pool_state::upkeep(std::shared_ptr<pool_state> pool) {
    auto& running = co_await io::this_task();
    for (;;) {
        auto spot = co_await io::make_parking_spot();
        auto next = never;
        const bool goes_on = pool->look_after(spot, next);
        if (!goes_on) co_return;
        const io::deadline_scope limit(running, next);
        const auto how = co_await io::park(spot);
        if (how == io::wake::cancelled) co_return;
    }
}

bool pool_state::look_after(std::shared_ptr<io::parking_spot> spot, time_point& next) {
    effects todo;
    bool goes_on = true;
    {
        const auto moment = now();
        const guard locked(mutex_);
        upkeep_spot_ = nullptr;
        goes_on = !closed_;
        if (goes_on) {
            close_idle_ones(moment, todo);
            close_old_ones(moment, todo);
            settle_idle_ones(moment, todo);
            grow(todo);
            next = next_upkeep_ = next_need(moment);
            upkeep_spot_ = std::move(spot);
        }
    }
    perform(todo);
    return goes_on;
}

void pool_state::close_idle_ones(time_point now, effects& todo) {
    if (options_.idle_timeout == duration::zero()) return;
    // They stand in the order in which they came back.
    while (auto* oldest = idle_.front()) {
        if (now - oldest->idle_since < options_.idle_timeout || slots_.size() <= *options_.min_size) return;
        take_out(*oldest);
        begin_closing(*oldest, &pool_closures::idle, todo);
    }
}

void pool_state::close_old_ones(time_point now, effects& todo) {
    while (auto* old = retirement_.take_due(now)) {
        if (old->place != slot_place::idle) continue; // it is closed when it comes back
        if (slots_.size() - retirement_.awaiting() <= *options_.min_size && total() < limit_) {
            retirement_.await_replacement(*old); // grow() opens its replacement first
        } else {
            take_out(*old);
            begin_closing(*old, &pool_closures::lifetime, todo);
        }
    }
}

void pool_state::close_one_retired(effects& todo) {
    auto* old = retirement_.any();
    if (old == nullptr) return;
    take_out(*old);
    begin_closing(*old, &pool_closures::lifetime, todo);
}

time_point pool_state::next_need(time_point now) const noexcept {
    auto next = std::min({growth_due_, retirement_.next(), next_to_settle()});
    if (options_.idle_timeout != duration::zero() && !slots_.empty()) {
        // What is lent now comes back later, and so do those that the floor keeps: a full span is soon enough.
        const auto since = idle_.empty() ? now : idle_.front()->idle_since;
        const auto expires = deadline_after(since, options_.idle_timeout);
        next = std::min(next, expires > now ? expires : deadline_after(now, options_.idle_timeout));
    }
    return next;
}

void pool_state::wake_upkeep_for(time_point need, effects& todo) {
    if (upkeep_spot_ && need < next_upkeep_) todo.wake.push_back(std::move(upkeep_spot_));
}

} // namespace wharf::detail
