// A proxy on 127.0.0.1 in front of a TCP server, which accepts requests to cancel at once and passes them on late. All
// else passes unhindered, on as many connections as there are.
#pragma once

#include "loopback.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace wharf::postgres {

class late_cancel_proxy {
public:
    late_cancel_proxy(std::uint16_t server_port, std::chrono::milliseconds delay);
    late_cancel_proxy(const late_cancel_proxy&) = delete;
    late_cancel_proxy& operator=(const late_cancel_proxy&) = delete;
    /// Waits until its connections have ended.
    ~late_cancel_proxy();

    [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }
    /// Requests passed on so far.
    [[nodiscard]] int cancels() const noexcept { return cancels_; }

private:
    void serve();
    void forward(int client, int server);

    std::uint16_t server_port_;
    std::chrono::milliseconds delay_;
    loopback_listener listener_{};
    std::atomic<int> cancels_{0};
    std::vector<std::jthread> connections_{}; // of the serving thread
    std::thread thread_;
};

} // namespace wharf::postgres
