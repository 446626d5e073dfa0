// A proxy on 127.0.0.1 between a client and a TCP server, which passes on so many bytes of one of them and then ends
// the connection, with FIN or RST, or says nothing any more.
#pragma once

#include "loopback.hpp"

#include <cstddef>
#include <cstdint>
#include <thread>

namespace wharf::postgres {

class cutting_proxy {
public:
    explicit cutting_proxy(std::uint16_t server_port);
    cutting_proxy(const cutting_proxy&) = delete;
    cutting_proxy& operator=(const cutting_proxy&) = delete;
    ~cutting_proxy();

    [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }

    /// Of the next connections. Set while no connection is open.
    std::size_t limit{SIZE_MAX};        ///< bytes of the server
    std::size_t client_limit{SIZE_MAX}; ///< bytes of the client
    bool with_reset{false};
    bool with_silence{false};    ///< instead of ending the connection
    std::size_t slice{SIZE_MAX}; ///< the most bytes passed on at once, both ways

    /// Bytes that the server has sent on the last connection. Read while no connection is open.
    std::size_t passed{0};

private:
    void serve();
    void forward(int client, int server);
    void cut(int client) const;

    std::uint16_t server_port_;
    loopback_listener listener_{};
    std::thread thread_;
};

} // namespace wharf::postgres
