#include "io/hub.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace wharf::io {

std::shared_ptr<parking_spot> hub::make_spot() {
    return std::make_shared<hub_spot>(shared_from_this());
}

bool hub::advance(waiter& who) noexcept {
    for (;;) {
        if (who.cancel_requested_.load(std::memory_order_relaxed)) who.running_.cancel();
        if (who.running_.pump()) return true;
        const auto answer = serve(who);
        if (!answer) return false;
        who.running_.answer(*answer);
    }
}

bool hub::serve_and_advance(waiter& who) noexcept {
    const auto answer = serve(who);
    if (!answer) return false;
    who.running_.answer(*answer);
    return advance(who);
}

/// The answer, where there is one at once and the task may go on; nothing when it has been parked, or waits its turn.
std::optional<wake> hub::serve(waiter& who) {
    auto& what = who.running_.pending();
    std::shared_ptr<hub_job> job;
    try {
        if (what.what == request::kind::wait) prepare_watch(*what.target);
        if (what.what == request::kind::offload) {
            job = std::make_shared<hub_job>(shared_from_this(), what.work);
            job->waiting_ = &who;
        }
        const std::lock_guard lock(mutex_);
        if (closed_) return wake::cancelled;
        if (what.what == request::kind::yield) return let_others_run(who, what);
        if (is_cancelled(who)) return wake::cancelled;
        who.job_ = job;
        if (const auto answer = begin_locked(who, what)) {
            if (may_go_on()) return answer;
            return let_others_run(who, what);
        }
        set_moment_locked(who, what);
        who.parked_ = true;
        who.next_parked_ = std::exchange(first_parked_, &who);
        if (who.next_parked_ != nullptr) who.next_parked_->previous_parked_ = &who;
    } catch (const std::exception&) { // no memory, or no room in the kernel's tables
        return wake::cancelled;
    }
    if (job) workers_.submit(std::move(job));
    return std::nullopt;
}

std::optional<wake> hub::begin_locked(waiter& who, request& what) {
    if (what.what == request::kind::wait) {
        return begin_watch(who, *what.target, what.want);
    }
    if (what.what == request::kind::park) {
        auto& spot = static_cast<hub_spot&>(*what.spot);
        if (spot.signalled()) return wake::ready;
        spot.parked_ = &who;
        who.spot_ = &spot;
    }
    return std::nullopt;
}

/// Puts a task that could go on at the end of the line. Nothing, always: it may run on another thread already.
std::optional<wake> hub::let_others_run(waiter& who, const request& what) noexcept {
    const bool too_late = what.deadline != never && clock::now() >= what.deadline;
    who.running_.answer(is_cancelled(who) ? wake::cancelled : too_late ? wake::timed_out : wake::ready);
    who.schedule();
    return std::nullopt;
}

void hub::set_moment_locked(waiter& who, const request& what) noexcept {
    auto moment = what.deadline;
    who.at_moment_ = wake::timed_out;
    if (what.what == request::kind::sleep && what.wake_at <= moment) {
        moment = what.wake_at;
        who.at_moment_ = wake::ready;
    }
    if (moment == never) return;
    const bool first = moment < timers_.earliest();
    timers_.add(who, moment);
    if (first) moment_added();
}

void hub::cut_links_locked(waiter& who) noexcept {
    timers_.remove(who);
    if (who.target_ != nullptr) end_watch(who);
    if (who.spot_ != nullptr) std::exchange(who.spot_, nullptr)->parked_ = nullptr;
    if (who.job_ != nullptr) {
        who.job_->waiting_ = nullptr;
        who.job_.reset();
    }
    auto*& link = who.previous_parked_ != nullptr ? who.previous_parked_->next_parked_ : first_parked_;
    link = who.next_parked_;
    if (who.next_parked_ != nullptr) who.next_parked_->previous_parked_ = who.previous_parked_;
    who.previous_parked_ = nullptr;
    who.next_parked_ = nullptr;
    who.parked_ = false;
}

void hub::wake_locked(waiter& who, wake how) noexcept {
    if (!who.parked_) return;
    cut_links_locked(who);
    who.running_.answer(how);
    who.schedule();
}

void hub::expire_locked(time_point now) noexcept {
    while (timers_.earliest() <= now && !timers_.empty()) {
        auto& due = static_cast<waiter&>(timers_.top());
        wake_locked(due, due.at_moment_);
    }
}

void hub::close_locked() noexcept {
    closed_ = true;
    while (first_parked_ != nullptr)
        wake_locked(*first_parked_, wake::cancelled);
}

void hub::cancel(waiter& who) noexcept {
    who.cancel_requested_.store(true, std::memory_order_relaxed); // ordered by the mutex
    const std::lock_guard lock(mutex_);
    wake_locked(who, wake::cancelled);
}

bool hub::is_cancelled(const waiter& who) noexcept {
    return who.cancel_requested_.load(std::memory_order_relaxed);
}

bool hub::leave(waiter& who) noexcept {
    const std::lock_guard lock(mutex_);
    if (!who.parked_) return false;
    cut_links_locked(who);
    return true;
}

void hub::unpark(hub_spot& spot) noexcept {
    const std::lock_guard lock(mutex_);
    if (spot.parked_ != nullptr) wake_locked(*spot.parked_, wake::ready);
}

void hub::job_done(hub_job& job) noexcept {
    const std::lock_guard lock(mutex_);
    if (job.waiting_ != nullptr) wake_locked(*job.waiting_, wake::ready);
}

// What OpenSSL keeps for the worker's thread is freed before anybody hears of the result: then the process may end.
void hub_job::run() noexcept {
    work_->run();
    ::OPENSSL_thread_stop();
    home_->job_done(*this);
}

void descriptor_waits::add(waiter& who, descriptor& target, interest want) noexcept {
    who.target_ = &target;
    who.want_ = want;
    who.next_on_target_ = std::exchange(first_, &who);
}

void descriptor_waits::remove(waiter& who) noexcept {
    auto** link = &first_;
    while (*link != &who)
        link = &(*link)->next_on_target_;
    *link = who.next_on_target_;
    who.next_on_target_ = nullptr;
    who.target_ = nullptr;
}

} // namespace wharf::io
