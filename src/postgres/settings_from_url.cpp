#include "postgres/complete.hpp"
#include "postgres/default_socket.hpp"
#include "postgres/setting_values.hpp"
#include "wharf/base/error.hpp"
#include "wharf/postgres/settings.hpp"

#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace wharf::postgres {
namespace {

using text = std::string;

// As in libpq: 0 and less wait for as long as the operating system does.
duration to_timeout(const text& name, const text& value) {
    const int seconds = to_number(name, value);
    return seconds <= 0 ? duration::max() : std::chrono::seconds(seconds);
}

// As in libpq: 0 and less leave it to the operating system.
int to_positive(const text& name, const text& value) {
    return std::max(0, to_number(name, value));
}

std::uint32_t to_size(const text& name, const text& value) {
    const int size = to_number(name, value);
    if (size < 0) throw configuration_error("the parameter \"" + name + "\" of the connection string is negative");
    return static_cast<std::uint32_t>(size);
}

struct taker {
    std::string_view keyword;
    void (*take)(settings& into, const text& name, const text& value);
};

constexpr auto takers = std::to_array<taker>({
    {"options", [](settings& s, const text&, const text& v) { s.options = v; }},
    {"passfile", [](settings& s, const text&, const text& v) { s.password_file = v; }},
    {"requirepeer", [](settings& s, const text&, const text& v) { s.required_peer = v; }},
    {"cancellation", [](settings& s, const text&, const text& v) { s.cancellation = to_cancellation(v); }},
    {"connect_timeout", [](settings& s, const text& n, const text& v) { s.connect_timeout = to_timeout(n, v); }},
    {"statement_cache_size", [](settings& s, const text& n, const text& v) { s.statement_cache_size = to_size(n, v); }},
    {"statement_cache_max_age", [](settings& s, const text& n,
                                   const text& v) { s.statement_cache_max_age = std::chrono::seconds(to_size(n, v)); }},
    {"statement_cache_max_length",
     [](settings& s, const text& n, const text& v) { s.statement_cache_max_length = to_size(n, v); }},
    {"keepalives", [](settings& s, const text& n, const text& v) { s.keepalives = to_number(n, v) != 0; }},
    {"keepalives_idle",
     [](settings& s, const text& n, const text& v) { s.keepalives_idle = std::chrono::seconds(to_positive(n, v)); }},
    {"keepalives_interval", [](settings& s, const text& n,
                               const text& v) { s.keepalives_interval = std::chrono::seconds(to_positive(n, v)); }},
    {"keepalives_count", [](settings& s, const text& n, const text& v) { s.keepalives_count = to_positive(n, v); }},
    {"tcp_user_timeout", [](settings& s, const text& n,
                            const text& v) { s.tcp_user_timeout = std::chrono::milliseconds(to_positive(n, v)); }},
    {"target_session_attrs",
     [](settings& s, const text&, const text& v) { s.target_session_attrs = to_session_target(v); }},
    {"load_balance_hosts", [](settings& s, const text&, const text& v) { s.load_balance_hosts = to_host_order(v); }},
    {"sslmode", [](settings& s, const text&, const text& v) { s.sslmode = to_ssl_mode(v); }},
    {"sslnegotiation", [](settings& s, const text&, const text& v) { s.sslnegotiation = to_ssl_negotiation(v); }},
    {"sslrootcert", [](settings& s, const text&, const text& v) { s.root_certificate = v; }},
    {"sslcert", [](settings& s, const text&, const text& v) { s.certificate = v; }},
    {"sslkey", [](settings& s, const text&, const text& v) { s.certificate_key = v; }},
    {"sslpassword", [](settings& s, const text&, const text& v) { s.certificate_key_password = v; }},
    {"sslcertmode", [](settings& s, const text&, const text& v) { s.certificate_mode = to_certificate_mode(v); }},
    {"sslcrl", [](settings& s, const text&, const text& v) { s.certificate_revocation_list = v; }},
    {"sslcrldir", [](settings& s, const text&, const text& v) { s.certificate_revocation_directory = v; }},
    {"ssl_min_protocol_version",
     [](settings& s, const text& n, const text& v) { s.minimum_tls_version = to_tls_version(n, v); }},
    {"ssl_max_protocol_version",
     [](settings& s, const text& n, const text& v) { s.maximum_tls_version = to_tls_version(n, v); }},
    {"sslsni", [](settings& s, const text& n, const text& v) { s.server_name_indication = to_flag(n, v); }},
    {"channel_binding", [](settings& s, const text&, const text& v) { s.channel_binding = to_channel_binding(v); }},
    {"require_auth", [](settings& s, const text&, const text& v) { s.require_auth = to_required_authentication(v); }},
    {"min_protocol_version",
     [](settings& s, const text& n, const text& v) { s.min_protocol_version = to_protocol_version(n, v); }},
    {"max_protocol_version",
     [](settings& s, const text& n, const text& v) { s.max_protocol_version = to_protocol_version(n, v); }},
});

// Read in another way than one by one.
constexpr auto read_apart =
    std::to_array<std::string_view>({"host", "hostaddr", "port", "user", "password", "dbname", "service",
                                     "application_name", "fallback_application_name"});

// Those that ask for what this driver does anyway, or for what it does not do at all.
struct fixed {
    std::string_view keyword;
    std::array<std::string_view, 4> values; // that are granted
    std::string_view otherwise;
};
constexpr std::string_view no_gss = "GSSAPI is not supported";
constexpr std::string_view no_oauth = "OAuth is not supported";
constexpr auto fixed_parameters = std::to_array<fixed>({
    {"client_encoding", {"UTF8", "utf8", "UTF-8", "utf-8"}, "client_encoding is UTF8 and cannot be set"},
    {"gssencmode", {"disable", "prefer"}, no_gss},
    {"gssdelegation", {"0"}, no_gss},
    {"krbsrvname", {}, no_gss},
    {"gsslib", {}, no_gss},
    {"sslcompression", {"0"}, "TLS compression is not supported"},
    {"replication", {"false", "off", "no", "0"}, "the replication protocol is not supported"},
    {"oauth_issuer", {}, no_oauth},
    {"oauth_client_id", {}, no_oauth},
    {"oauth_client_secret", {}, no_oauth},
    {"oauth_scope", {}, no_oauth},
});

void check_fixed(const text& name, const text& value) {
    const auto known = std::ranges::find(fixed_parameters, name, &fixed::keyword);
    if (known == fixed_parameters.end())
        throw configuration_error("the parameter \"" + name + "\" of the connection string is not supported");
    if (value.empty() || std::ranges::find(known->values, value) == known->values.end())
        throw configuration_error(text(known->otherwise) + ", which the parameter \"" + name + "\" asks for");
}

void take(settings& into, const text& name, const text& value) {
    if (std::ranges::find(read_apart, name) != read_apart.end()) return;
    const auto known = std::ranges::find(takers, name, &taker::keyword);
    if (known == takers.end()) return check_fixed(name, value);
    known->take(into, name, value);
}

text default_host() {
    struct stat status{};
    const text directory(default_socket_directory);
    const bool exists = ::stat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    return exists ? directory : "localhost";
}

bool is_numeric(const text& address) {
    std::array<unsigned char, 16> bytes{};
    const text digits = address.substr(0, address.find('%'));
    return ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, digits.c_str(), bytes.data()) == 1;
}

std::vector<server_address> servers_of(const database_url& url) {
    std::vector<database_host> hosts = url.hosts();
    if (hosts.empty()) hosts.emplace_back();
    std::vector<server_address> servers;
    for (auto& [name, port, address] : hosts) {
        if (!address.empty() && !is_numeric(address))
            throw configuration_error("hostaddr is no numeric address; a name to look up is a host");
        if (name.empty()) name = address.empty() ? default_host() : address;
        servers.push_back({std::move(name), port == 0 ? server_address().port : port, std::move(address)});
    }
    return servers;
}

text user_of(const database_url& url, const environment& around) {
    if (auto named = url.user(); !named.empty()) return named;
    if (around.user.empty())
        throw configuration_error("the connection string names no user, and the system has no name for user id " +
                                  std::to_string(::geteuid()));
    return around.user;
}

text application_of(const database_url& url) {
    if (const auto name = url.parameter("application_name"); name && !name->empty()) return text(*name);
    if (const auto name = url.parameter("fallback_application_name")) return text(*name);
    return url.parameter("application_name") ? text() : settings().application_name;
}

bool is_default(std::string_view value) {
    return std::ranges::equal(value, std::string_view("default"), [](char a, char b) { return (a | 0x20) == b; });
}

// Run-time settings that libpq takes from the environment, too.
void take_environment(settings& into, const environment& around) {
    constexpr std::array<std::pair<const char*, const char*>, 3> known{
        {{"PGDATESTYLE", "datestyle"}, {"PGTZ", "timezone"}, {"PGGEQO", "geqo"}}};
    for (const auto& [variable, name] : known)
        if (auto value = around.variable(variable); value && !is_default(*value))
            into.parameters.emplace_back(name, std::move(*value));
}

void check_versions(settings& where, const database_url& url) {
    // As in libpq: who needs a newer protocol than the default is offered the latest.
    if (!url.parameter("max_protocol_version") && where.min_protocol_version > where.max_protocol_version)
        where.max_protocol_version = protocol_version::v3_2;
    if (where.min_protocol_version > where.max_protocol_version)
        throw configuration_error("min_protocol_version is greater than max_protocol_version");
    if (!where.maximum_tls_version.empty() && where.minimum_tls_version > where.maximum_tls_version)
        throw configuration_error("ssl_min_protocol_version is greater than ssl_max_protocol_version");
}

// Says where a value is from that `read` cannot make sense of.
template <class Read>
void explained(const origins& from, std::initializer_list<std::string_view> names, Read read) {
    try {
        read();
    } catch (const configuration_error& problem) {
        for (const std::string_view name : names)
            if (const auto origin = from.find(name); origin != from.end())
                throw configuration_error(text(problem.what()) + " (from " + origin->second + ")");
        throw;
    }
}

} // namespace

settings settings_from(const database_url& url, const environment& around) {
    if (url.scheme() != "postgresql") throw configuration_error("this is no URL of a PostgreSQL database");
    database_url all = url;
    const origins from = complete(all, around);
    settings where;
    for (const auto& parameter : all.parameters())
        explained(from, {parameter.first}, [&] { take(where, parameter.first, parameter.second); });
    check_versions(where, all);
    explained(from, {"port", "hostaddr", "host"}, [&] { where.servers = servers_of(all); });
    where.user = user_of(all, around);
    where.database = all.database().empty() ? where.user : all.database();
    where.application_name = application_of(all);
    if (auto password = all.password(); password && !password->empty()) where.password = std::move(password);
    if (where.password_file.empty() && !around.home.empty()) where.password_file = around.home + "/.pgpass";
    take_environment(where, around);
    return where;
}

} // namespace wharf::postgres
