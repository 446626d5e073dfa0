// What a listener has received and nobody has taken yet. Not thread-safe.
#pragma once

#include "wharf/pool/listener_options.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace wharf::detail {

/// Bounded: what does not fit is dropped and counted, and the gap stands where it was.
class event_queue {
public:
    event_queue(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}

    [[nodiscard]] bool empty() const noexcept { return events_.empty() && dropped_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }

    /// False: dropped.
    bool push(const notification_view& arrived) {
        const std::size_t size = arrived.channel.size() + arrived.payload.size();
        if (notifications_ >= most_ || size > most_bytes_ - bytes_) {
            ++dropped_;
            return false;
        }
        end_gap();
        events_.emplace_back(arrived);
        bytes_ += size;
        ++notifications_;
        return true;
    }
    void push_reconnected() {
        end_gap();
        using kind = listener_event::kind;
        if (events_.empty() || events_.back().what() != kind::reconnected) events_.emplace_back(kind::reconnected);
    }
    /// Precondition: not empty.
    [[nodiscard]] listener_event pop() {
        if (events_.empty()) end_gap();
        listener_event out = std::move(events_.front());
        events_.pop_front();
        if (out.what() != listener_event::kind::notified) return out;
        bytes_ -= out.notification().channel.size() + out.notification().payload.size();
        --notifications_;
        return out;
    }

private:
    void end_gap() {
        if (dropped_ != 0) events_.emplace_back(listener_event::kind::gap, std::exchange(dropped_, 0));
    }

    const std::size_t most_;
    const std::size_t most_bytes_;
    std::deque<listener_event> events_{};
    std::size_t notifications_{0};
    std::size_t bytes_{0};
    std::uint64_t dropped_{0}; // behind the last event
};

} // namespace wharf::detail
