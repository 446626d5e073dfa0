#include "wharf/base/error.hpp"
#include "wharf/postgres/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace wharf::postgres {
namespace {

ssl_mode to_ssl_mode(std::string_view text) {
    if (text == "disable") return ssl_mode::disable;
    if (text == "allow" || text == "prefer") return ssl_mode::prefer;
    if (text == "require") return ssl_mode::require;
    if (text == "verify-ca") return ssl_mode::verify_ca;
    if (text == "verify-full") return ssl_mode::verify_full;
    throw configuration_error("sslmode " + std::string(text) + " is not known");
}

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
constexpr std::array<fulfilled, 9> fulfilled_parameters{{
    {"client_encoding", {"UTF8", "utf8", "UTF-8"}},
    {"channel_binding", {"disable", "prefer", "prefer"}},
    {"gssencmode", {"disable", "prefer", "prefer"}},
    {"keepalives", {"1", "1", "1"}},
    {"sslnegotiation", {"postgres", "postgres", "postgres"}},
    {"sslcompression", {"0", "0", "0"}},
    {"sslsni", {"1", "1", "1"}},
    {"target_session_attrs", {"any", "any", "any"}},
    {"load_balance_hosts", {"disable", "disable", "disable"}},
}};

bool is_fulfilled(std::string_view name, std::string_view value) {
    return std::ranges::any_of(fulfilled_parameters, [&](const fulfilled& known) {
        return known.name == name && std::ranges::find(known.values, value) != known.values.end();
    });
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
        if (name == "sslmode")
            where.sslmode = to_ssl_mode(value);
        else if (name == "sslrootcert")
            where.root_certificate = value;
        else if (name == "sslcert")
            where.certificate = value;
        else if (name == "sslkey")
            where.certificate_key = value;
        else if (name == "application_name")
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
    return where;
}

} // namespace wharf::postgres
