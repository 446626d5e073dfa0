// The steps from an address to a connection that is ready for statements.
#pragma once

#include "postgres/channel.hpp"
#include "postgres/connection.hpp"
#include "postgres/protocol/login.hpp"
#include "wharf/io/op.hpp"
#include "wharf/io/stream.hpp"
#include "wharf/postgres/settings.hpp"

#include <memory>
#include <string>

namespace wharf::postgres {

/// A stream to the server, encrypted as the mode asks, and what login needs to know of it.
struct secured_stream {
    secured_stream() = default;

    std::unique_ptr<io::stream> stream{};
    bool tls{false};
    bool server_verified{false}; ///< the certificate is trusted and the host's own
    std::string end_point{};     ///< for channel binding: the hash of the server's certificate
};

/// Connects and encrypts. Throws connect_failed, configuration_error, timed_out, cancelled.
[[nodiscard]] io::op<secured_stream> open_stream(const settings& where, const server_address& server);

/// Throws authentication_failed where a Unix socket's server is not run by the user that `where` asks for.
void require_peer(const settings& where, io::stream& socket);

/// What the startup message says, and the password.
[[nodiscard]] protocol::login_options make_login_options(const settings& where, const secured_stream& stream);

/// Logs in over `stream`. Throws authentication_failed, connect_failed, configuration_error, protocol_violation,
/// timed_out, cancelled.
[[nodiscard]] io::op<std::unique_ptr<connection>> log_in(std::unique_ptr<io::stream> stream,
                                                         protocol::login_options options, connection_limits limits);

} // namespace wharf::postgres
