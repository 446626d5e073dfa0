// The line of acquires that wait, and which of them is told that a connection is there.
#pragma once

#include "pool/waiter.hpp"
#include "wharf/pool/pool_options.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace wharf::detail {

/// A value: it has no mutex and no clock, and wakes nobody. Each verb takes the time of a few instructions.
///
/// With `fifo` every connection is handed to the oldest waiter. With `throughput` that begins once the oldest has
/// waited for `patience`; before, a connection goes idle, whoever comes may take it, and one waiter is woken to look
/// for it, who keeps its place. The promise: as many waiters are on their way as there are idle connections for them.
class waiting_line {
public:
    /// How long newcomers may come before those who wait.
    static constexpr std::chrono::milliseconds patience{1};

    explicit waiting_line(pool_fairness how) noexcept : how_(how) {}

    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
    /// The same, as it was a moment ago. Any thread, without the pool's mutex.
    [[nodiscard]] bool seems_empty() const noexcept { return !anyone_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
    /// Null when nobody waits.
    [[nodiscard]] waiter* oldest() const noexcept { return all_.front(); }

    /// Whether a connection belongs to the oldest waiter, and to nobody else. Precondition: somebody waits.
    [[nodiscard]] bool hands_over(time_point now) const noexcept {
        return how_ == pool_fairness::fifo || now - all_.front()->since >= patience;
    }

    void enter(waiter& one) noexcept {
        one.place = ++last_;
        all_.push_back(one);
        anyone_.store(true, std::memory_order_relaxed);
        if (asleep_ == nullptr) asleep_ = &one;
    }
    /// Before all others: it had its turn, and the connection was dead.
    void enter_in_front(waiter& one) noexcept {
        one.place = --first_;
        all_.push_front(one);
        anyone_.store(true, std::memory_order_relaxed);
        asleep_ = &one;
    }
    void leave(waiter& one) noexcept {
        if (std::exchange(one.woken, false)) --woken_;
        if (asleep_ == &one) asleep_ = next_asleep(one);
        all_.erase(one);
        if (all_.empty()) anyone_.store(false, std::memory_order_relaxed);
    }

    /// The oldest that sleeps, if more are idle than waiters are on their way to look; counts as woken from now on.
    [[nodiscard]] waiter* next_to_wake(std::size_t idle) noexcept {
        auto* chosen = woken_ < idle ? asleep_ : nullptr;
        if (chosen == nullptr) return nullptr;
        chosen->woken = true;
        ++woken_;
        asleep_ = next_asleep(*chosen);
        return chosen;
    }
    /// It looked, found nothing, and waits on at its place.
    void sleep_again(waiter& one, std::shared_ptr<io::parking_spot> where) noexcept {
        one.spot = std::move(where);
        if (!std::exchange(one.woken, false)) return;
        --woken_;
        if (asleep_ == nullptr || one.place < asleep_->place) asleep_ = &one;
    }

private:
    [[nodiscard]] static waiter* next_asleep(const waiter& from) noexcept {
        auto* next = from.next;
        while (next != nullptr && next->woken)
            next = next->next;
        return next;
    }

    const pool_fairness how_;
    linked_list<waiter> all_{};
    std::atomic<bool> anyone_{false}; // in all_
    waiter* asleep_{nullptr};         // the oldest that has not been woken
    std::size_t woken_{0};
    std::int64_t first_{0}; // the places given to the front and to the back
    std::int64_t last_{0};
};

} // namespace wharf::detail
