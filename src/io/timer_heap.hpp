// The deadlines of tasks that wait: a binary heap whose entries know their place, so that one can be taken out again.
#pragma once

#include "wharf/base/time.hpp"

#include <cstddef>
#include <vector>

namespace wharf::io {

/// Something with a moment. Embedded in its owner; in at most one heap.
class timer_entry {
public:
    timer_entry() = default;
    timer_entry(const timer_entry&) = delete;
    timer_entry& operator=(const timer_entry&) = delete;

    [[nodiscard]] time_point moment() const noexcept { return moment_; }
    [[nodiscard]] bool is_queued() const noexcept { return place_ != nowhere; }

protected:
    ~timer_entry() = default;

private:
    friend class timer_heap;
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
    time_point moment_{never};
    std::size_t place_{nowhere};
};

/// Not thread-safe. All but earliest() and top() take O(log n).
class timer_heap {
public:
    /// `entry` must not be queued.
    void add(timer_entry& entry, time_point moment);
    /// Does nothing where `entry` is not queued.
    void remove(timer_entry& entry) noexcept;

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    /// `never` when empty.
    [[nodiscard]] time_point earliest() const noexcept { return entries_.empty() ? never : entries_.front()->moment_; }
    /// The entry of earliest(). Not when empty.
    [[nodiscard]] timer_entry& top() const noexcept { return *entries_.front(); }

private:
    void put(std::size_t place, timer_entry& entry) noexcept;
    void rise(std::size_t place, timer_entry& entry) noexcept;
    void sink(std::size_t place, timer_entry& entry) noexcept;

    std::vector<timer_entry*> entries_;
};

} // namespace wharf::io
