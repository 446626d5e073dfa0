// Connecting to a server.
#pragma once

#include "wharf/io/stream.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace wharf::io {

/// Connects to `host` (a name or an address) with TCP_NODELAY and keepalive on. The addresses of a name are tried in
/// the order of getaddrinfo(3), each with its share of the time that is left. Throws connect_failed, which names host,
/// port and the reason for each address; timed_out; cancelled.
[[nodiscard]] op<std::unique_ptr<stream>> connect_tcp(std::string host, std::uint16_t port);

/// Connects to the Unix-domain socket at `path`; a leading '@' means the abstract namespace. Throws connect_failed,
/// configuration_error where the path is too long for a socket address, timed_out, cancelled.
[[nodiscard]] op<std::unique_ptr<stream>> connect_unix(std::string path);

} // namespace wharf::io
