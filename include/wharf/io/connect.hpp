// Connecting to a server.
#pragma once

#include "wharf/io/stream.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace wharf::io {

/// How TCP looks after a connection, and which address of a name is tried first. Zeros stand for what the operating
/// system is set to.
struct tcp_options {
    bool keepalive{true};                      ///< probe a connection that is idle, as the next three say
    std::chrono::seconds keepalive_idle{};     ///< before the first probe
    std::chrono::seconds keepalive_interval{}; ///< between probes
    int keepalive_count{0};                    ///< unanswered probes that end the connection
    std::chrono::milliseconds user_timeout{};  ///< for which sent bytes may stay unacknowledged
    bool random_address{false};                ///< not in the order of getaddrinfo(3)
};

/// Connects to `host` (a name or an address) with TCP_NODELAY on. The addresses of a name are tried in turn, each with
/// its share of the time that is left. Throws connect_failed, which names host, port and the reason for each address;
/// configuration_error for an option that the system does not take; timed_out; cancelled.
[[nodiscard]] op<std::unique_ptr<stream>> connect_tcp(std::string host, std::uint16_t port,
                                                      tcp_options options = tcp_options());

/// Connects to the Unix-domain socket at `path`; a leading '@' means the abstract namespace. Throws connect_failed,
/// configuration_error where the path is too long for a socket address, timed_out, cancelled.
[[nodiscard]] op<std::unique_ptr<stream>> connect_unix(std::string path);

} // namespace wharf::io
