#include "postgres/setting_values.hpp"
#include "wharf/base/error.hpp"
#include "wharf/postgres/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace wharf::postgres {
namespace {

// As in libpq: 0 waits for as long as the operating system does.
duration to_timeout(std::string_view text) {
    int seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds); // the URL's parser has checked it
    return seconds <= 0 ? duration::max() : std::chrono::seconds(seconds);
}

// Parameters that ask for what this driver does anyway.
struct fulfilled {
    std::string_view name;
    std::array<std::string_view, 3> values;
};
constexpr std::array<fulfilled, 6> fulfilled_parameters{{
    {"client_encoding", {"UTF8", "utf8", "UTF-8"}},
    {"gssencmode", {"disable", "prefer", "prefer"}},
    {"keepalives", {"1", "1", "1"}},
    {"sslcompression", {"0", "0", "0"}},
    {"target_session_attrs", {"any", "any", "any"}},
    {"load_balance_hosts", {"disable", "disable", "disable"}},
}};

bool is_fulfilled(std::string_view name, std::string_view value) {
    return std::ranges::any_of(fulfilled_parameters, [&](const fulfilled& known) {
        return known.name == name && std::ranges::find(known.values, value) != known.values.end();
    });
}

// False: none of those that concern TLS and login.
bool take_security(settings& where, const std::string& name, const std::string& value) {
    if (name == "sslmode")
        where.sslmode = to_ssl_mode(value);
    else if (name == "sslrootcert")
        where.root_certificate = value;
    else if (name == "sslcert")
        where.certificate = value;
    else if (name == "sslkey")
        where.certificate_key = value;
    else if (name == "sslpassword")
        where.certificate_key_password = value;
    else if (name == "sslcertmode")
        where.certificate_mode = to_certificate_mode(value);
    else if (name == "sslcrl")
        where.certificate_revocation_list = value;
    else if (name == "sslcrldir")
        where.certificate_revocation_directory = value;
    else if (name == "ssl_min_protocol_version")
        where.minimum_tls_version = to_tls_version(name, value);
    else if (name == "ssl_max_protocol_version")
        where.maximum_tls_version = to_tls_version(name, value);
    else if (name == "sslsni")
        where.server_name_indication = to_flag(name, value);
    else if (name == "sslnegotiation")
        where.sslnegotiation = to_ssl_negotiation(value);
    else if (name == "channel_binding")
        where.channel_binding = to_channel_binding(value);
    else if (name == "require_auth")
        where.require_auth = to_required_authentication(value);
    else if (name == "min_protocol_version")
        where.min_protocol_version = to_protocol_version(name, value);
    else if (name == "max_protocol_version")
        where.max_protocol_version = to_protocol_version(name, value);
    else
        return false;
    return true;
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

} // namespace

settings settings_from(database_url url) {
    if (url.scheme() != "postgresql") throw configuration_error("this is no URL of a PostgreSQL database");
    url.fill_defaults();
    settings where;
    for (const database_host& host : url.hosts())
        where.servers.push_back({host.name, host.port});
    where.user = url.user();
    where.password = url.password();
    where.database = url.database();
    for (const auto& [name, value] : url.parameters()) {
        if (take_security(where, name, value)) continue;
        if (name == "application_name")
            where.application_name = value;
        else if (name == "options")
            where.options = value;
        else if (name == "connect_timeout")
            where.connect_timeout = to_timeout(value);
        else if (name == "fallback_application_name") {
            if (!url.parameter("application_name")) where.application_name = value;
        } else if (!is_fulfilled(name, value))
            throw configuration_error("the parameter \"" + name +
                                      "\" of the database URL, with this value, is not supported");
    }
    check_versions(where, url);
    return where;
}

} // namespace wharf::postgres
