// An epoll set with a timer in it, and the readiness of one descriptor in it.
//
// Descriptors are registered once, edge-triggered: no epoll_ctl per wait. An edge that nobody waits for is kept as a
// flag, and the ends of a stream are kept for good, since they are reported once.
#pragma once

#include "io/hub.hpp"
#include "wharf/base/time.hpp"
#include "wharf/io/descriptor.hpp"

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace wharf::async_detail {

class asio_reactor;

/// A descriptor in the reactor's epoll set. Every member but the reactor is guarded by the reactor's mutex.
class watched final : public io::registration {
public:
    /// Adds `native` to the set. Throws std::system_error.
    watched(std::shared_ptr<asio_reactor> home, int native);
    ~watched() override;

    [[nodiscard]] const asio_reactor* home() const noexcept { return home_.get(); }

    /// Whether `want` is ready; it is then used up, but for the end of the stream.
    [[nodiscard]] bool take(io::interest want) noexcept;
    /// Watches for room to write only while somebody wants it: on a Unix socket every read by the peer makes room, and
    /// would wake the reactor.
    void watch_for(io::interest want);
    /// Takes in what epoll_wait reported.
    void note(std::uint32_t events) noexcept;

    io::descriptor_waits waits{};

private:
    const std::shared_ptr<asio_reactor> home_; // shared with its context's service: descriptors may outlive the context
    const int native_;
    bool readable_{false};
    bool writable_{false};
    bool read_ended_{false};
    bool write_ended_{false};
    bool watches_writing_{false};
};

/// The epoll descriptor and a timerfd in it. Guarded by the reactor's mutex.
class epoll_set {
public:
    static constexpr std::size_t batch = 64;

    /// Throws std::system_error.
    epoll_set();

    [[nodiscard]] int native() const noexcept { return epoll_.native(); }
    /// What is ready now, without waiting.
    [[nodiscard]] std::span<const epoll_event> ready() noexcept;
    /// Makes the set ready at `moment`, or earlier: an earlier moment set before stays.
    void wake_at(time_point moment) noexcept;
    /// `event` is the timer's.
    [[nodiscard]] static bool is_timer(const epoll_event& event) noexcept { return event.data.ptr == nullptr; }
    /// The timer has fired; it is set for no moment now.
    void timer_fired() noexcept { set_for_ = never; }

private:
    io::descriptor epoll_;
    io::descriptor timer_;
    time_point set_for_{never};
    std::array<epoll_event, batch> events_{};
};

} // namespace wharf::async_detail
