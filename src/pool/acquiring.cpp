#include "pool/acquiring.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <exception>
#include <optional>

namespace wharf::detail {

acquiring::~acquiring() {
    if (pool_.forked()) return;
    if (waits()) {
        pool_state::effects todo;
        {
            const pool_state::guard locked(pool_.mutex_);
            if (waits()) withdraw(&pool_stats::cancelled, todo);
        }
        pool_.perform(todo);
    }
    // Handed over and not noticed; or given up while it was checked, and then nobody knows what comes next on it.
    if (waiter_.slot != nullptr) {
        pool_.end_unused(*waiter_.slot, {.counted = &pool_stats::cancelled, .waited = true});
    } else if (slot_ != nullptr) {
        pool_.end_unused(*slot_,
                         {.closed_for = &pool_closures::broken, .counted = &pool_stats::cancelled, .waited = waited_});
    }
}

bool acquiring::take_idle() {
    pool_state::effects todo;
    {
        const auto moment = pool_.now();
        const pool_state::guard locked(pool_.mutex_);
        if (pool_.others_come_first() && failed_checks_ == 0) return false;
        auto* found = pool_.take_good_idle(moment, todo);
        if (found != nullptr) take(*found, moment);
        waited_ = false;
    }
    pool_.perform(todo);
    return slot_ != nullptr;
}

void acquiring::take(pool_slot& found, time_point now) noexcept {
    pool_.lend(found, now);
    slot_ = &found;
}

void acquiring::enter(std::shared_ptr<io::parking_spot> spot) {
    pool_state::effects todo;
    {
        const auto moment = pool_.now();
        const pool_state::guard locked(pool_.mutex_);
        auto& line = pool_.line_;
        if (pool_.closed_) throw pool_closed("the pool is closed");
        if (line.size() >= pool_.options_.max_waiting && failed_checks_ == 0) {
            ++pool_.counts_.rejected;
            throw too_many_waiting(too_many_waiting_message(pool_.options_.max_waiting, pool_.picture(moment)));
        }
        waiter_.spot = std::move(spot);
        waiter_.since = began_;
        waiter_.state.store(waiter_state::waiting, std::memory_order_relaxed);
        in_line_ = true;
        failed_checks_ != 0 ? line.enter_in_front(waiter_) : line.enter(waiter_);
        pool_.counts_.peak_waiting = std::max(pool_.counts_.peak_waiting, line.size());
        pool_.serve_line(moment, todo); // one may have come back since it looked
        pool_.grow(todo);
    }
    pool_.perform(todo);
}

void acquiring::look_for_idle(time_point now, pool_state::effects& todo) {
    if (!pool_.line_.hands_over(now)) {
        if (auto* found = pool_.take_good_idle(now, todo)) {
            pool_.line_.leave(waiter_);
            waiter_.state.store(waiter_state::assigned, std::memory_order_relaxed);
            waiter_.slot = found;
            pool_.lend(*found, now);
            pool_.served(waiter_, now);
        }
    }
    pool_.serve_line(now, todo);
}

bool acquiring::look(io::wake how) {
    std::optional<std::string> failure;
    if (waits()) {
        pool_state::effects todo;
        {
            const auto moment = pool_.now();
            const pool_state::guard locked(pool_.mutex_);
            if (waits() && how != io::wake::cancelled) look_for_idle(moment, todo);
            if (waits() && how == io::wake::timed_out) {
                failure = why_not();
                withdraw(&pool_stats::timeouts, todo);
            } else if (waits() && how == io::wake::cancelled) {
                withdraw(&pool_stats::cancelled, todo);
            }
        }
        pool_.perform(todo);
    }
    if (failure) throw acquire_timeout(*failure);
    // One that was cancelled passes on what it was handed meanwhile; one that ran out of time keeps it.
    if (how == io::wake::cancelled) throw cancelled("the acquire was cancelled while it waited for a connection");
    return !waits() && take_what_was_given();
}

bool acquiring::sleep_again(std::shared_ptr<io::parking_spot> spot) {
    if (waits()) {
        pool_state::effects todo;
        {
            const auto moment = pool_.now();
            const pool_state::guard locked(pool_.mutex_);
            if (waits()) {
                pool_.line_.sleep_again(waiter_, std::move(spot));
                pool_.serve_line(moment, todo);
            }
        }
        pool_.perform(todo);
    }
    return !waits() && take_what_was_given();
}

bool acquiring::take_what_was_given() {
    in_line_ = false;
    if (waiter_.state.load(std::memory_order_acquire) == waiter_state::failed) std::rethrow_exception(waiter_.error);
    slot_ = std::exchange(waiter_.slot, nullptr);
    waited_ = true;
    return true;
}

void acquiring::withdraw(std::uint64_t pool_stats::* counted, pool_state::effects& todo) noexcept {
    pool_.line_.leave(waiter_);
    waiter_.state.store(waiter_state::cancelled, std::memory_order_relaxed);
    ++(pool_.counts_.*counted);
    if (!pool_.line_.empty()) pool_.serve_line(pool_.now(), todo);
}

std::string acquiring::why_not() {
    const auto moment = pool_.now();
    auto seen = pool_.picture(moment);
    seen.failed_checks = failed_checks_;
    return acquire_timeout_message(moment - began_, seen);
}

lease acquiring::accept() noexcept {
    return pool_state::lease_of(*std::exchange(slot_, nullptr));
}

void acquiring::refuse(time_point deadline) {
    ++failed_checks_;
    const bool too_late = pool_.now() >= deadline;
    auto& dead = *std::exchange(slot_, nullptr);
    pool_.end_unused(dead, {.closed_for = &pool_closures::check_failed,
                            .counted = too_late ? &pool_stats::timeouts : nullptr,
                            .waited = std::exchange(waited_, false),
                            .suspects_others = true});
    if (!too_late) return;
    std::string text;
    {
        const pool_state::guard locked(pool_.mutex_);
        text = why_not();
    }
    throw acquire_timeout(text);
}

} // namespace wharf::detail
