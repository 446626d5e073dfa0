#pragma once

#include <string_view>

namespace wharf::postgres {

/// Where Debian's and most other servers have their Unix socket.
inline constexpr std::string_view default_socket_directory = "/var/run/postgresql";

} // namespace wharf::postgres
