// Opening connections.
#include "pool/pool_state.hpp"
#include "pool/watching.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <utility>

namespace wharf::detail {
namespace {

/// A connect that ran out of time says so in its own words.
std::exception_ptr explained(std::exception_ptr error, const connector& database, duration limit) {
    try {
        std::rethrow_exception(error);
    } catch (const timed_out&) {
        return std::make_exception_ptr(connect_failed("no connection to " + database.description() + " within " +
                                                      in_words(limit) + " (connect_timeout)"));
    } catch (...) {
        return error;
    }
}

} // namespace

connect_claim::~connect_claim() {
    if (pool_) pool_->connect_abandoned();
}

void pool_state::grow(effects& todo) {
    if (closed_) return;
    const auto open = slots_.size() - retired_;
    const auto under_way = counts_.connecting;
    const auto ahead = filling_ && *options_.min_size > open + under_way ? *options_.min_size - open - under_way : 0;
    const auto asked = waiters_.size() > under_way ? waiters_.size() - under_way : 0;
    if (ahead == 0 && asked == 0) return;
    if (backoff_.failing() && now() < backoff_.until()) return wake_upkeep_for(backoff_.until(), todo);

    const auto at_once = backoff_.failing() ? 1 : options_.max_connecting;
    const auto room = limit_ > total() ? limit_ - total() : 0;
    auto count = std::min({std::max(ahead, asked), room, at_once > under_way ? at_once - under_way : 0});
    for (; count != 0; --count) {
        ++counts_.connecting;
        todo.connect.emplace_back(shared_from_this(), backoff_.round());
    }
}

io::op<void> pool_state::open_one(connect_claim claim) {
    auto& pool = claim.pool();
    const auto began = pool.now();
    std::unique_ptr<driver> opened;
    std::exception_ptr error;
    try {
        auto& running = co_await io::this_task();
        const io::deadline_scope limit(running, deadline_after(began, pool.options_.connect_timeout));
        opened = co_await pool.database_->connect();
    } catch (...) {
        error = std::current_exception();
    }
    const auto round = claim.round();
    const auto keep = claim.settle();
    if (!error) {
        try {
            pool.connected(std::move(opened), began);
        } catch (...) {
            error = std::current_exception();
        }
    }
    if (error) pool.connect_failed(std::move(error), round);
}

void pool_state::connected(std::unique_ptr<driver> opened, time_point began) {
    if (options_.cancellation) opened->when_given_up(*options_.cancellation);
    auto slot = std::make_shared<pool_slot>(*this, database_, std::move(opened));
    if (options_.observer != nullptr) slot->core.observe_always(options_.observer);
    const auto moment = now();
    slot->looked_at = moment;
    effects todo;
    {
        const guard locked(mutex_);
        slots_.push_back(slot);
        slot->index = slots_.size() - 1;
        if (options_.max_lifetime > duration::zero()) {
            const auto life = 1 - options_.lifetime_jitter * backoff_.fraction();
            slot->retire_at = deadline_after(moment, std::chrono::duration_cast<duration>(
                                                         std::chrono::duration<double>(options_.max_lifetime).count() *
                                                         life * std::chrono::seconds(1)));
        }
        --counts_.connecting;
        ++counts_.opened;
        counts_.connect_time += moment - began;
        last_connect_error_ = nullptr;
        last_connect_text_.clear();
        backoff_.succeeded();
        place(*slot, moment, todo);
        close_one_retired(todo);
        grow(todo);
        wake_upkeep_for(next_need(moment), todo);
        notify_watchers(todo);
    }
    slot.reset();
    perform(todo);
}

void pool_state::connect_failed(std::exception_ptr error, std::uint64_t round) noexcept {
    error = explained(std::move(error), *database_, options_.connect_timeout);
    auto text = text_of(error);
    effects todo;
    {
        const auto moment = now();
        const guard locked(mutex_);
        --counts_.connecting;
        ++counts_.connect_failures;
        last_connect_error_ = std::move(error);
        last_connect_text_ = std::move(text);
        backoff_.failed(round, moment);
        if (!waiting_may_help(last_connect_error_)) fail_waiters(last_connect_error_, todo);
        grow(todo);
        notify_watchers(todo);
    }
    perform(todo);
}

void pool_state::connect_abandoned() noexcept {
    const guard locked(mutex_);
    --counts_.connecting;
}

io::op<void> pool_state::open(std::shared_ptr<pool_state> pool) {
    pool->start();
    if (!pool->options_.fail_fast) co_return;
    const auto failures_before = pool->stats().connect_failures;
    watching watch(*pool);
    for (;;) {
        auto spot = co_await io::make_parking_spot();
        {
            const guard locked(pool->mutex_);
            if (pool->is_full()) co_return;
            if (pool->closed_) throw pool_closed("the pool was closed before its first connections were open");
            if (pool->counts_.connect_failures != failures_before) {
                pool->filling_ = false;
                pool->started_.store(false);
                if (pool->last_connect_error_) std::rethrow_exception(copy_of(pool->last_connect_error_));
            }
            watch.enter(spot);
        }
        const auto how = co_await io::park(spot);
        if (how == io::wake::timed_out) throw timed_out("the deadline passed before the pool was open");
        if (how == io::wake::cancelled) throw cancelled("opening the pool was cancelled");
    }
}

} // namespace wharf::detail
