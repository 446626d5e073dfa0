// The settings of a listener, what it reports, and what it counts.
#pragma once

#include "wharf/base/time.hpp"
#include "wharf/connection/notification.hpp"

#include <cstddef>
#include <cstdint>

namespace wharf {

/// Checked when the listener is made; configuration_error names the setting.
struct listener_options {
    /// What waits to be taken by next(), in notifications and in bytes of their channels and payloads. What comes when
    /// there is no room is dropped, counted, and reported as a gap.
    std::size_t max_queued{10'000};
    std::size_t max_queued_bytes{std::size_t{16} << 20};
    duration connect_timeout{std::chrono::seconds(10)};
    /// A connection on which nothing came for so long is asked for an answer; zero: never.
    duration keepalive{std::chrono::seconds(30)};
    /// For that answer, and for those to LISTEN and UNLISTEN.
    duration answer_timeout{std::chrono::seconds(10)};
};

/// What listener.next() yields, in the order in which it came.
class listener_event {
public:
    enum class kind : std::uint8_t {
        notified,
        gap,         ///< notifications were dropped at this place, because there was no room for them
        reconnected, ///< the connection had been lost; what was sent meanwhile has not come and never will
    };

    listener_event() = default;
    explicit listener_event(const notification_view& arrived) : notification_(arrived) {}
    explicit listener_event(kind what, std::uint64_t dropped = 0) : what_(what), dropped_(dropped) {}

    [[nodiscard]] kind what() const noexcept { return what_; }
    /// Of `notified`.
    [[nodiscard]] const wharf::notification& notification() const noexcept { return notification_; }
    /// Of `gap`: how many were dropped.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
    kind what_{kind::notified};
    std::uint64_t dropped_{0};
    wharf::notification notification_{};
};

struct listener_stats {
    bool connected{false};
    std::size_t channels{0};
    std::size_t queued{0};
    std::uint64_t received{0}; ///< notifications, those that were dropped included
    std::uint64_t dropped{0};
    std::uint64_t connections{0}; ///< opened
    std::uint64_t connect_failures{0};
};

} // namespace wharf
