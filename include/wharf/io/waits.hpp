// The requests that an op may await.
//
//   co_await wait(descriptor, interest::read);      until readable;    throws timed_out, cancelled
//   co_await sleep_until(moment);                                      throws timed_out, cancelled
//   auto spot = co_await make_parking_spot();
//   wake how = co_await park(spot);                 until unparked;    never throws: the caller settles the race
//   auto value = co_await offload(function);        on a thread that may block
//   co_await yield();                               others run first; throws timed_out, cancelled
//   co_await give_turn();                           others run first
//   task& self = co_await this_task();              for deadline_scope
#pragma once

#include "wharf/io/op.hpp"

#include <coroutine>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace wharf::io {

namespace detail {

/// Throws timed_out or cancelled unless `how` is ready.
void throw_unless_ready(wake how);

class request_awaiter {
public:
    explicit request_awaiter(request what) noexcept : what_(std::move(what)) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
        requires std::derived_from<Promise, frame>
    bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
        task_ = &caller.promise().owner();
        if (task_->is_cancelled()) {
            task_->answer(wake::cancelled);
            return false;
        }
        if (task_->deadline() < what_.deadline) what_.deadline = task_->deadline();
        task_->ask(std::move(what_));
        return true;
    }

protected:
    [[nodiscard]] wake answered() const noexcept { return task_->answered(); }

private:
    request what_;
    task* task_{nullptr};
};

class throwing_awaiter : public request_awaiter {
public:
    using request_awaiter::request_awaiter;
    void await_resume() const { throw_unless_ready(answered()); }
};

class telling_awaiter : public request_awaiter {
public:
    using request_awaiter::request_awaiter;
    [[nodiscard]] wake await_resume() const noexcept { return answered(); }
};

/// Reads the running task without suspending it.
class task_awaiter {
public:
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
        requires std::derived_from<Promise, frame>
    bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
        task_ = &caller.promise().owner();
        return false;
    }
    [[nodiscard]] task& await_resume() const noexcept { return *task_; }

protected:
    task* task_{nullptr};
};

class yield_awaiter : public task_awaiter {
public:
    explicit yield_awaiter(bool may_end) noexcept : may_end_(may_end) {}
    template <class Promise>
        requires std::derived_from<Promise, frame>
    void await_suspend(std::coroutine_handle<Promise> caller) noexcept {
        task_ = &caller.promise().owner();
        request what;
        what.what = request::kind::yield;
        what.deadline = task_->deadline();
        task_->ask(std::move(what));
    }
    void await_resume() const {
        if (may_end_) throw_unless_ready(task_->answered());
    }

private:
    bool may_end_;
};

class spot_awaiter : public task_awaiter {
public:
    [[nodiscard]] std::shared_ptr<parking_spot> await_resume() const { return task_->around().make_spot(); }
};

template <class Function, class Result>
class function_job final : public job {
public:
    explicit function_job(Function function) : function_(std::move(function)) {}
    void run() noexcept override {
        try {
            if constexpr (std::is_void_v<Result>) {
                function_();
            } else {
                out_.emplace(function_());
            }
        } catch (...) {
            out_.fail(std::current_exception());
        }
    }
    Result take() { return out_.take(); }

private:
    Function function_;
    outcome<Result> out_{};
};

} // namespace detail

/// Waits until `target` can be read, written, or either, or has failed.
[[nodiscard]] inline detail::throwing_awaiter wait(descriptor& target, interest want) {
    request what;
    what.what = request::kind::wait;
    what.target = &target;
    what.want = want;
    return detail::throwing_awaiter(std::move(what));
}

/// Waits for a moment in time.
[[nodiscard]] inline detail::throwing_awaiter sleep_until(time_point moment) {
    request what;
    what.what = request::kind::sleep;
    what.wake_at = moment;
    return detail::throwing_awaiter(std::move(what));
}

/// A spot on which the running op may park. Give it to whoever is to unpark it before parking.
[[nodiscard]] inline detail::spot_awaiter make_parking_spot() {
    return {};
}

/// Parks until `spot` is unparked, the deadline passes, or the op is cancelled; says which.
[[nodiscard]] inline detail::telling_awaiter park(std::shared_ptr<parking_spot> spot) {
    request what;
    what.what = request::kind::park;
    what.spot = std::move(spot);
    return detail::telling_awaiter(std::move(what));
}

/// Lets whatever else is ready on this thread run first, where ops share one; a blocking op goes on at once. For loops
/// that may go on for long without a wait: they find out here that their time is up, or that they were cancelled.
[[nodiscard]] inline detail::yield_awaiter yield() {
    return detail::yield_awaiter(true);
}
/// The same for an op that has its result, which a deadline or a cancellation shall not take away.
[[nodiscard]] inline detail::yield_awaiter give_turn() {
    return detail::yield_awaiter(false);
}

/// Loops over rows yield once in so many.
inline constexpr std::size_t rows_between_yields = 1000;

/// The running task.
[[nodiscard]] inline detail::task_awaiter this_task() {
    return {};
}

/// Runs `function` where blocking is allowed, and yields what it returns or throws. `function` must own what it uses:
/// when the deadline passes or the op is cancelled or destroyed, it still runs to its end.
template <class Function>
    requires std::invocable<Function&>
[[nodiscard]] op<std::invoke_result_t<Function&>> offload(Function function) {
    using result = std::invoke_result_t<Function&>;
    auto work = std::make_shared<detail::function_job<Function, result>>(std::move(function));
    request what;
    what.what = request::kind::offload;
    what.work = work;
    co_await detail::throwing_awaiter(std::move(what));
    co_return work->take();
}

} // namespace wharf::io
