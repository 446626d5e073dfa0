// How much may be done on a thread before others get their turn.
//
// A coroutine whose ops never have to wait would keep its thread for ever: timers, accepts and other coroutines of its
// io_context would not run. So what finishes at once is counted, for the thread and not for the op, since such a flood
// is made of many short ops. When the budget is used up the next op does not begin: it is queued on its executor, where
// a cancellation meets an op that has done nothing. What comes off the queue begins with a full budget.
// Source: Tokio's cooperative budget (tokio::task::coop).
#pragma once

namespace wharf::async_detail {

/// The calling thread's.
class turn_budget {
public:
    /// Ops and requests that may finish at once, one after the other.
    static constexpr int full = 128;

    /// What the executor has called begins its turn.
    static void refill() noexcept { left_ = full; }
    static void spend() noexcept {
        if (left_ > 0) --left_;
    }
    [[nodiscard]] static bool is_spent() noexcept { return left_ == 0; }

private:
    static inline constinit thread_local int left_ = full;
};

} // namespace wharf::async_detail
