#include "base/parameter_names.hpp"

#include <array>

namespace wharf::detail {
namespace {

constexpr auto of_postgres = std::to_array<std::string_view>({
    "service",
    "user",
    "password",
    "passfile",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "port",
    "client_encoding",
    "options",
    "application_name",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "sslmode",
    "sslnegotiation",
    "sslcompression",
    "sslcert",
    "sslkey",
    "sslcertmode",
    "sslpassword",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "requirepeer",
    "require_auth",
    "min_protocol_version",
    "max_protocol_version",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "gssencmode",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "replication",
    "target_session_attrs",
    "load_balance_hosts",
    "scram_client_key",
    "scram_server_key",
    "oauth_issuer",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_scope",
    "sslkeylogfile",
    // not of libpq
    "cancellation",
    "statement_cache_size",
    "statement_cache_max_age",
    "statement_cache_max_length",
});

constexpr auto of_sqlite =
    std::to_array<std::string_view>({"busy_timeout", "mode", "synchronous", "journal_mode", "foreign_keys"});

// One that looks like a name, not like a piece of a password.
bool is_plain(std::string_view name) {
    return !name.empty() && name.size() <= 32 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

} // namespace

std::span<const std::string_view> postgres_parameters() noexcept {
    return of_postgres;
}

std::span<const std::string_view> sqlite_parameters() noexcept {
    return of_sqlite;
}

std::string unknown_parameter(std::string_view name, bool may_be_secret, std::span<const std::string_view> known) {
    std::string text = "an unknown parameter";
    if (is_plain(name) && !may_be_secret) text = "the unknown parameter \"" + std::string(name) + '"';
    text += "; known are ";
    for (const auto word : known)
        text.append(word == known.front() ? "" : ", ").append(word);
    return text;
}

} // namespace wharf::detail
