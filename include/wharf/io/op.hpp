// op<T>: the lazy coroutine in which everything above the socket is written, once for blocking and async callers.
//
//   op<std::size_t> read_some(stream& from, std::span<char> into) {
//       for (;;) {
//           const auto got = from.read(into);
//           if (got.bytes != 0) co_return got.bytes;
//           co_await wait(from.handle(), interest::read);
//       }
//   }
//
// An op starts when it is awaited by another op, or given to a runner: run() in blocking.hpp, a poll loop, the
// Boost.Asio reactor. Inside an op one may await ops and the requests of waits.hpp, nothing else.
#pragma once

#include "wharf/io/task.hpp"

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace wharf::io {

template <class T>
class op;

/// Where an op leaves its value or its exception.
template <class T>
class outcome {
public:
    template <class U>
    void emplace(U&& value) {
        value_.emplace(std::forward<U>(value));
    }
    void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }
    [[nodiscard]] T take() {
        if (error_) std::rethrow_exception(std::move(error_));
        return std::move(*value_);
    }

private:
    std::optional<T> value_{};
    std::exception_ptr error_{};
};

template <>
class outcome<void> {
public:
    void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }
    void take() {
        if (error_) std::rethrow_exception(std::move(error_));
    }

private:
    std::exception_ptr error_{};
};

namespace detail {

struct final_awaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
        frame& finished = self.promise();
        finished.owner().pop(finished);
    }
    void await_resume() const noexcept {}
};

template <class T>
class promise_base : public frame {
public:
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { out_->fail(std::current_exception()); }
    void deliver_to(outcome<T>& out) noexcept { out_ = &out; }

protected:
    outcome<T>* out_{nullptr};
};

template <class T>
class promise : public promise_base<T> {
public:
    op<T> get_return_object() noexcept;
    template <class U>
        requires std::constructible_from<T, U&&>
    void return_value(U&& value) {
        this->out_->emplace(std::forward<U>(value));
    }
};

template <>
class promise<void> : public promise_base<void> {
public:
    op<void> get_return_object() noexcept;
    void return_void() const noexcept {}
};

/// Awaiting an op: its frame moves to the stack of the running task, its outcome stays here, in its caller's frame.
template <class T>
class op_awaiter {
public:
    explicit op_awaiter(std::coroutine_handle<promise<T>> callee) noexcept : callee_(callee) {}
    op_awaiter(const op_awaiter&) = delete;
    op_awaiter& operator=(const op_awaiter&) = delete;
    ~op_awaiter() {
        if (callee_) callee_.destroy();
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
        requires std::derived_from<Promise, frame>
    void await_suspend(std::coroutine_handle<Promise> caller) noexcept {
        auto callee = std::exchange(callee_, nullptr);
        callee.promise().deliver_to(out_);
        caller.promise().owner().push(callee.promise(), callee);
    }
    T await_resume() { return out_.take(); }

private:
    std::coroutine_handle<promise<T>> callee_;
    outcome<T> out_{};
};

} // namespace detail

/// A piece of work that yields a T, may wait, and has not been started. Move-only. Destroying one that was not started
/// destroys its arguments; once awaited, its frames belong to the running task.
template <class T>
class [[nodiscard("an op does nothing until it is awaited or run")]] op {
public:
    using promise_type = detail::promise<T>;
    using value_type = T;

    explicit op(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
    op(op&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    op& operator=(op&& other) noexcept {
        if (this != &other) {
            if (handle_) handle_.destroy();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~op() {
        if (handle_) handle_.destroy();
    }

    detail::op_awaiter<T> operator co_await() && noexcept {
        return detail::op_awaiter<T>(std::exchange(handle_, nullptr));
    }

    /// For runners: puts this op at the bottom of a task's stack, its outcome into `out`, which must outlive the task.
    void start_on(task& runner, outcome<T>& out) && noexcept {
        auto handle = std::exchange(handle_, nullptr);
        handle.promise().deliver_to(out);
        runner.push(handle.promise(), handle);
    }

private:
    std::coroutine_handle<promise_type> handle_;
};

template <class T>
op<T> detail::promise<T>::get_return_object() noexcept {
    return op<T>(std::coroutine_handle<promise<T>>::from_promise(*this));
}
inline op<void> detail::promise<void>::get_return_object() noexcept {
    return op<void>(std::coroutine_handle<promise<void>>::from_promise(*this));
}

} // namespace wharf::io
