// The steps from an address to a connection that is ready for statements.
#pragma once

#include "postgres/channel.hpp"
#include "postgres/connection.hpp"
#include "postgres/protocol/login.hpp"
#include "postgres/scram_keys.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/op.hpp"
#include "wharf/io/stream.hpp"
#include "wharf/postgres/settings.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace wharf::postgres {

/// Settings that a connector shares with its connections, which may outlive it; the last one to need them wipes their
/// secrets.
[[nodiscard]] std::shared_ptr<const settings> share(settings where);

/// What logins to one server have taught, shared by those under way.
struct login_memory {
    scram_keys keys{};
    /// How many of its own settings a login sends: all; only those that every pooler knows; none.
    enum class settings_sent : std::uint8_t { none, known_to_poolers, all };
    std::atomic<settings_sent> own_settings{settings_sent::all};
};

/// A stream to the server, encrypted as the mode asks, and what login needs to know of it.
struct secured_stream {
    secured_stream() = default;

    std::unique_ptr<io::stream> stream{};
    bool tls{false};
    bool server_verified{false}; ///< the certificate is trusted and the host's own
    std::string end_point{};     ///< for channel binding: the hash of the server's certificate
};

/// The connection cannot be encrypted, though the server is there: without TLS it may let us in.
class tls_unavailable final : public connect_failed {
public:
    tls_unavailable(const std::string& why, bool may_pass) : connect_failed(why), may_pass_(may_pass) {}
    [[nodiscard]] bool is_transient() const noexcept override { return may_pass_; }

private:
    bool may_pass_;
};

/// The server is there and does not offer TLS, which the mode asks for: waiting does not mend that.
class tls_not_offered final : public connect_failed {
public:
    using connect_failed::connect_failed;
    [[nodiscard]] bool is_transient() const noexcept override { return false; }
};

/// Connects, and encrypts as `mode` asks: `prefer` falls back where the server does not offer TLS. Throws
/// connect_failed (tls_unavailable and tls_not_offered among them), authentication_failed, configuration_error,
/// timed_out, cancelled.
[[nodiscard]] io::op<secured_stream> open_stream(const settings& where, const server_address& server, ssl_mode mode);
/// The same as a first attempt does it.
[[nodiscard]] inline io::op<secured_stream> open_stream(const settings& where, const server_address& server) {
    const ssl_mode mode = where.mode_for(server);
    return open_stream(where, server, mode == ssl_mode::allow ? ssl_mode::disable : mode);
}

/// Throws authentication_failed where a Unix socket's server is not run by the user that `where` asks for.
void require_peer(const settings& where, io::stream& socket);

/// What the startup message says, the password, and what may be done with it. What the server writes as text is to be
/// the same whatever its roles and databases have set, unless `where` sets it.
[[nodiscard]] protocol::login_options make_login_options(const settings& where, const server_address& server,
                                                         const secured_stream& stream,
                                                         login_memory::settings_sent own_settings);

/// Logs in over `stream`. `keys`, where given, spares the derivation of a key that is known. Throws
/// authentication_failed, connect_failed, configuration_error, protocol_violation, timed_out, cancelled.
[[nodiscard]] io::op<std::unique_ptr<connection>> log_in(std::unique_ptr<io::stream> stream,
                                                         protocol::login_options options, connection_limits limits,
                                                         std::shared_ptr<scram_keys> keys);

/// All of it, for one server; for sslmode allow and prefer a second time, with TLS or without, where the server does
/// not let us in at the first. Throws as the two above.
[[nodiscard]] io::op<std::unique_ptr<connection>>
establish(std::shared_ptr<const settings> where, server_address server, std::shared_ptr<login_memory> memory);

} // namespace wharf::postgres
