// Who is at the other end of a stream, as the operating system knows it.
#pragma once

#include "wharf/io/stream.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wharf::io {

/// The numeric address that a TCP stream has reached, without the port; empty for other streams.
[[nodiscard]] std::string peer_address(stream& of);

/// The user id of the process that listened on a Unix socket; nothing for other streams.
[[nodiscard]] std::optional<std::uint32_t> peer_user(stream& of);

} // namespace wharf::io
