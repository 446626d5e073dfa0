// The least that a pool can do, to measure ours against.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

namespace wharf::bench {

/// A mutex around a stack; who finds it empty waits on a condition. Newcomers may take what a waiter was woken for.
class barging_reference {
public:
    explicit barging_reference(std::size_t size) : idle_(size) {
        for (std::size_t i = 0; i < size; ++i)
            idle_[i] = i;
    }
    std::size_t acquire() {
        std::unique_lock lock(mutex_);
        returned_.wait(lock, [this] { return !idle_.empty(); });
        const auto out = idle_.back();
        idle_.pop_back();
        return out;
    }
    void release(std::size_t connection) {
        {
            const std::lock_guard lock(mutex_);
            idle_.push_back(connection);
        }
        returned_.notify_one();
    }
    /// Without the wait and the waking: what two uncontended locks cost.
    std::size_t take() {
        const std::lock_guard lock(mutex_);
        const auto out = idle_.back();
        idle_.pop_back();
        return out;
    }
    void put(std::size_t connection) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(connection);
    }

private:
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::size_t> idle_;
};

/// The same with strict hand-off: a release gives the connection to the oldest waiter.
class handing_reference {
public:
    explicit handing_reference(std::size_t size) : idle_(size) {
        for (std::size_t i = 0; i < size; ++i)
            idle_[i] = i;
    }
    std::size_t acquire() {
        waiter me;
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                const auto out = idle_.back();
                idle_.pop_back();
                return out;
            }
            waiters_.push_back(&me);
        }
        me.handed.wait(none);
        return me.handed.load();
    }
    void release(std::size_t connection) {
        const std::lock_guard lock(mutex_);
        if (waiters_.empty()) {
            idle_.push_back(connection);
            return;
        }
        auto* oldest = waiters_.front();
        waiters_.pop_front();
        // Under the mutex: the waiter's frame ends as soon as it sees its connection.
        oldest->handed.store(connection);
        oldest->handed.notify_one();
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    struct waiter {
        std::atomic<std::size_t> handed{none};
    };

    std::mutex mutex_;
    std::vector<std::size_t> idle_;
    std::deque<waiter*> waiters_;
};

} // namespace wharf::bench
