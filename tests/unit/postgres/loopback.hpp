// TCP on 127.0.0.1, for the proxies of tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wharf::postgres {

class loopback_listener {
public:
    /// Listens on a port that is free.
    loopback_listener();
    loopback_listener(const loopback_listener&) = delete;
    loopback_listener& operator=(const loopback_listener&) = delete;
    ~loopback_listener();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Waits for a connection; negative once shut_down() was called, by any thread.
    [[nodiscard]] int accept() const noexcept;
    void shut_down() const noexcept;

private:
    int socket_;
    std::uint16_t port_{0};
};

/// Negative where nobody listens.
[[nodiscard]] int connect_to_loopback(std::uint16_t port) noexcept;

/// False when the other side has gone.
[[nodiscard]] bool send_all(int to, std::span<const char> bytes, std::size_t slice = SIZE_MAX) noexcept;

} // namespace wharf::postgres
