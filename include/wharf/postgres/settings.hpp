// Where and how to connect to a PostgreSQL server.
#pragma once

#include "wharf/base/cancellation.hpp"
#include "wharf/base/time.hpp"
#include "wharf/base/url.hpp"
#include "wharf/postgres/environment.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wharf::postgres {

/// How far a connection must be encrypted and the server identified, as libpq's sslmode. Unix sockets are never
/// encrypted.
enum class ssl_mode : std::uint8_t {
    disable,
    allow,       ///< TLS, without verification, only where the server does not let this user in without it
    prefer,      ///< TLS where the server offers it, without verification; without TLS where it lets in only so
    require,     ///< TLS; the certificate is verified only where there is a root certificate or a revocation list
    verify_ca,   ///< TLS, and the certificate comes from a trusted authority
    verify_full, ///< and it is the host's own
};

/// How TLS is begun: by asking in the clear first, or at once (PostgreSQL 17 and later; needs sslmode=require or more).
enum class ssl_negotiation : std::uint8_t { postgres, direct };

/// Whether SCRAM is bound to the TLS channel, as libpq's channel_binding.
enum class channel_binding_mode : std::uint8_t { disable, prefer, require };

/// Whether the client's certificate is shown, as libpq's sslcertmode. `require`: the server must have asked for it.
enum class ssl_certificate_mode : std::uint8_t { disable, allow, require };

/// Versions of the wire protocol.
enum class protocol_version : std::uint8_t { v3_0, v3_2 };

/// What a session must be able to do, as libpq's target_session_attrs; a server that does not offer it is passed over.
enum class session_target : std::uint8_t {
    any,
    read_write,     ///< its transactions may write by default
    read_only,      ///< they may not
    primary,        ///< the server is not in recovery
    standby,        ///< it is
    prefer_standby, ///< a standby; when none of the servers is one, any
};

/// In which order servers, and the addresses of one, are tried, as libpq's load_balance_hosts.
enum class host_order : std::uint8_t {
    as_given,
    random, ///< anew for each connection
};

struct server_address {
    std::string host{}; ///< a name, an address, or the directory of a Unix socket ("@..." in the abstract namespace)
    std::uint16_t port{5432};
    std::string address{}; ///< numeric: where to connect to instead of looking up `host`; empty: look it up

    [[nodiscard]] bool is_unix_socket() const noexcept {
        return address.empty() && (host.starts_with('/') || host.starts_with('@'));
    }
    /// A Unix socket, "localhost" or a loopback address; where there are a name and an address, both of them.
    [[nodiscard]] bool is_local() const noexcept;
};

struct settings {
    std::vector<server_address> servers{}; ///< tried in turn
    host_order load_balance_hosts{host_order::as_given};
    session_target target_session_attrs{session_target::any};
    std::string user{};
    std::optional<std::string> password{};
    std::string password_file{};       ///< looked into for each connection where no password is given; empty: none
    std::string database{};            ///< empty: the one named like the user
    std::optional<ssl_mode> sslmode{}; ///< not given: prefer for local servers, verify_full for all others
    std::string root_certificate{};    ///< a PEM file, or "system"; empty: ~/.postgresql/root.crt, else the system's
    std::string certificate{};     ///< PEM file, the client's own chain; empty: ~/.postgresql/postgresql.crt, if any
    std::string certificate_key{}; ///< file with its key, PEM or DER; empty: in the same file, else postgresql.key
    std::optional<std::string> certificate_key_password{}; ///< for a key that is encrypted
    ssl_certificate_mode certificate_mode{ssl_certificate_mode::allow};
    std::string certificate_revocation_list{};      ///< a PEM file; empty: ~/.postgresql/root.crl, if there is one
    std::string certificate_revocation_directory{}; ///< hashed as by `openssl rehash`; empty: none
    std::string minimum_tls_version{"TLSv1.2"};     ///< TLSv1.2 or TLSv1.3
    std::string maximum_tls_version{};              ///< the same; empty: the latest
    bool server_name_indication{true};              ///< tell the server under which name it was called, in the clear
    ssl_negotiation sslnegotiation{ssl_negotiation::postgres};
    channel_binding_mode channel_binding{channel_binding_mode::prefer};
    std::string require_auth{}; ///< libpq's list: "scram-sha-256,none" or "!password,!md5"; empty: any that is safe
    protocol_version min_protocol_version{protocol_version::v3_0};
    protocol_version max_protocol_version{protocol_version::v3_0}; ///< offered first; the server may know an older one
    std::string application_name{"wharf"};                         ///< as pg_stat_activity shows it
    std::string options{}; ///< for the server's command line, as "-c search_path=app"
    std::vector<std::pair<std::string, std::string>> parameters{}; ///< run-time settings that RESET returns to
    duration connect_timeout{std::chrono::seconds(10)}; ///< for each server, from its name to the end of login
    bool keepalives{true};                  ///< whether TCP looks after an idle connection; by the next three
    std::chrono::seconds keepalives_idle{}; ///< 0 here and below: what the operating system is set to
    std::chrono::seconds keepalives_interval{};
    int keepalives_count{0};
    std::chrono::milliseconds tcp_user_timeout{}; ///< how long sent bytes may stay unacknowledged
    std::string required_peer{}; ///< the system's user that must run a server on a Unix socket; empty: any
    wharf::cancellation cancellation{wharf::cancellation::close}; ///< of statements that are given up
    /// Prepared statements kept per connection. 0: no statement ever has a name on the server, so that a pooler may
    /// give each transaction another one (PgBouncer's transaction mode); what they look like is still remembered, so
    /// that one that was run before takes one round trip.
    std::size_t statement_cache_size{256};
    duration statement_cache_max_age{};                            ///< after that they are prepared anew; 0: never
    std::size_t statement_cache_max_length{std::size_t{16} << 10}; ///< bytes; longer texts are not kept; 0: no limit
    std::size_t message_limit{std::size_t{256} << 20}; ///< bytes; a server that sends a larger message is cut off

    /// The mode that is used for `server`.
    [[nodiscard]] ssl_mode mode_for(const server_address& server) const noexcept;
};

/// What a URL or connection string says, and for what it does not say, in this order: its service, the environment, the
/// defaults. Reads the service file, but no password file. Throws configuration_error for a parameter that this driver
/// does not follow: what somebody asked for is not passed over in silence.
[[nodiscard]] settings settings_from(const database_url& url, const environment& around = environment::of_process());

} // namespace wharf::postgres
