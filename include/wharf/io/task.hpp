// One running op: its stack of frames, and the loop that runs them.
//
// The stack is explicit, as in Asio's awaitable, instead of symmetric transfer, which is no tail call in GCC at -O0 nor
// under sanitizers: a million awaits that complete at once use the machine stack of one.
#pragma once

#include "wharf/base/cancellation.hpp"
#include "wharf/base/time.hpp"
#include "wharf/io/frame.hpp"
#include "wharf/io/request.hpp"

#include <coroutine>
#include <memory>
#include <optional>

namespace wharf::io {

/// What a task needs from whoever runs it, apart from having its requests served.
class surroundings {
public:
    virtual ~surroundings() = default;
    /// A spot on which a task run by these surroundings may park.
    [[nodiscard]] virtual std::shared_ptr<parking_spot> make_spot() = 0;
};

/// The running of one op. Used by one thread at a time. Destroying it destroys the frames that are left, innermost
/// first, and with them everything that they own.
class task {
public:
    explicit task(surroundings& around) noexcept : around_(around) {}
    task(const task&) = delete;
    task& operator=(const task&) = delete;
    ~task() { destroy_frames(); }

    /// Runs until the op has finished (true) or needs something (false: see `pending`).
    [[nodiscard]] bool pump() noexcept;
    /// What the op waits for. Valid after pump() returned false.
    [[nodiscard]] request& pending() noexcept { return request_; }
    /// Says how the pending request ended; the next pump() goes on from there.
    void answer(wake how) noexcept { answer_ = how; }
    [[nodiscard]] bool finished() const noexcept { return top_ == nullptr; }

    /// Makes the next request, and the pending one where the runner looks again, end with `wake::cancelled`.
    void cancel() noexcept { cancelled_ = true; }
    [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_; }

    /// The moment at which every wait of this task ends. Narrowed by `deadline_scope`.
    [[nodiscard]] time_point deadline() const noexcept { return deadline_; }
    void set_deadline(time_point deadline) noexcept { deadline_ = deadline; }
    /// How long the whole may take, as its caller has put it: for messages. Zero: not known.
    [[nodiscard]] duration limit() const noexcept { return limit_; }
    void set_limit(duration limit) noexcept { limit_ = limit; }

    /// What the caller wants to become of a connection, should this task be given up on it.
    [[nodiscard]] const std::optional<cancellation>& when_given_up() const noexcept { return when_given_up_; }
    void set_when_given_up(const std::optional<cancellation>& how) noexcept { when_given_up_ = how; }

    [[nodiscard]] surroundings& around() const noexcept { return around_; }

    // For promises and awaiters only.
    void push(frame& callee, std::coroutine_handle<> handle) noexcept;
    void pop(frame& finished) noexcept;
    void ask(request what) noexcept { request_ = std::move(what); }
    [[nodiscard]] wake answered() const noexcept { return answer_; }

private:
    void destroy_frames() noexcept;

    surroundings& around_;
    frame* top_{nullptr};
    std::coroutine_handle<> finished_{};
    request request_{};
    time_point deadline_{never};
    duration limit_{};
    wake answer_{wake::ready};
    std::optional<cancellation> when_given_up_{};
    bool cancelled_{false};
};

/// Narrows the deadline of the running task until the end of a scope; it never widens it.
class deadline_scope {
public:
    deadline_scope(task& running, time_point deadline) noexcept : task_(running), outer_(running.deadline()) {
        if (deadline < outer_) running.set_deadline(deadline);
    }
    deadline_scope(const deadline_scope&) = delete;
    deadline_scope& operator=(const deadline_scope&) = delete;
    ~deadline_scope() { task_.set_deadline(outer_); }

private:
    task& task_;
    time_point outer_;
};

} // namespace wharf::io
