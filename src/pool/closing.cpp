// Ending connections, and the pool.
#include "pool/pool_state.hpp"
#include "pool/watching.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <utility>

namespace wharf::detail {

closing_claim::~closing_claim() {
    if (!pool_) return;
    slot_.reset();
    pool_->closed(reason_);
}

io::op<void> pool_state::close_one(closing_claim claim) {
    auto& core = claim.slot().core;
    if (core.busy()) co_return; // whoever runs on it has its memory: the connection ends with that op
    try {
        auto& pool = claim.pool();
        auto& running = co_await io::this_task();
        const io::deadline_scope limit(running, deadline_after(pool.now(), pool.options_.close_timeout));
        co_await core.underlying().close();
    } catch (const std::exception&) {
        // It ends by force, with the claim.
    }
}

void pool_state::closed(std::uint64_t pool_closures::* reason) noexcept {
    effects todo;
    {
        const guard locked(mutex_);
        --counts_.closing;
        ++(counts_.closed.*reason);
        grow(todo);
        if (nothing_out()) notify_watchers(todo);
    }
    perform(todo);
}

bool pool_state::nothing_out() const noexcept {
    return counts_.lent + counts_.cleaning + counts_.closing == 0;
}

void pool_state::shut(effects& todo) {
    if (closed_) return;
    closed_ = true;
    fail_waiters(std::make_exception_ptr(pool_closed("the pool was closed while this acquire waited")), todo);
    while (auto* slot = idle_.front()) {
        take_out(*slot);
        begin_closing(*slot, &pool_closures::shut_down, todo);
    }
    if (upkeep_spot_) todo.wake.push_back(std::move(upkeep_spot_));
    if (watch_) watch_->stop();
    notify_watchers(todo);
}

std::string pool_state::terminate_what_is_out() {
    const guard locked(mutex_);
    const auto seen = picture(now());
    for (const auto& slot : slots_)
        slot->core.end_with_pool();
    return slots_.empty() ? std::string() : close_timeout_message(seen);
}

io::op<void> pool_state::close(std::shared_ptr<pool_state> pool) {
    pool->require_same_process();
    effects todo;
    {
        const guard locked(pool->mutex_);
        pool->shut(todo);
    }
    pool->perform(todo);

    auto& running = co_await io::this_task();
    const io::deadline_scope limit(running, deadline_after(pool->now(), pool->options_.close_timeout));
    watching watch(*pool);
    for (;;) {
        auto spot = co_await io::make_parking_spot();
        {
            const guard locked(pool->mutex_);
            if (pool->nothing_out()) co_return;
            watch.enter(spot);
        }
        const auto how = co_await io::park(spot);
        if (how == io::wake::timed_out) {
            const auto text = pool->terminate_what_is_out();
            if (text.empty()) co_return; // what is being closed ends by force
            throw timed_out(text);
        }
        if (how == io::wake::cancelled) throw cancelled("closing the pool was cancelled; it goes on in the background");
    }
}

} // namespace wharf::detail
