#include "wharf/base/url.hpp"

#include "base/url_text.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace wharf {
namespace {

using detail::percent_decode;
using detail::refuse_url;

// Those of libpq 18.
constexpr std::array<std::string_view, 46> postgres_parameters{"host",
                                                               "hostaddr",
                                                               "port",
                                                               "dbname",
                                                               "user",
                                                               "password",
                                                               "passfile",
                                                               "require_auth",
                                                               "channel_binding",
                                                               "connect_timeout",
                                                               "client_encoding",
                                                               "options",
                                                               "application_name",
                                                               "fallback_application_name",
                                                               "keepalives",
                                                               "keepalives_idle",
                                                               "keepalives_interval",
                                                               "keepalives_count",
                                                               "tcp_user_timeout",
                                                               "replication",
                                                               "gssencmode",
                                                               "sslmode",
                                                               "requiressl",
                                                               "sslnegotiation",
                                                               "sslcompression",
                                                               "sslcert",
                                                               "sslkey",
                                                               "sslkeylogfile",
                                                               "sslpassword",
                                                               "sslcertmode",
                                                               "sslrootcert",
                                                               "sslcrl",
                                                               "sslcrldir",
                                                               "sslsni",
                                                               "requirepeer",
                                                               "ssl_min_protocol_version",
                                                               "ssl_max_protocol_version",
                                                               "krbsrvname",
                                                               "gsslib",
                                                               "gssdelegation",
                                                               "service",
                                                               "target_session_attrs",
                                                               "load_balance_hosts",
                                                               "min_protocol_version",
                                                               "max_protocol_version",
                                                               "ssl"};

constexpr std::array<std::string_view, 5> sqlite_parameters{"busy_timeout", "mode", "synchronous", "journal_mode",
                                                            "foreign_keys"};

constexpr std::array<std::string_view, 6> ssl_modes{"disable", "allow",     "prefer",
                                                    "require", "verify-ca", "verify-full"};

bool contains(auto&& list, std::string_view value) {
    return std::ranges::find(list, value) != std::ranges::end(list);
}

/// Whether a parameter's name may be shown: one that looks like a name, not like part of a password.
bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 32 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

std::string list(std::span<const std::string_view> words) {
    std::string text;
    for (const auto word : words)
        text.append(text.empty() ? "" : ", ").append(word);
    return text;
}

} // namespace

database_url::database_url(std::string_view text) {
    const auto control =
        std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (control != text.end()) refuse_url("a control character", static_cast<std::size_t>(control - text.begin()));
    const auto end = text.find("://");
    if (end == std::string_view::npos || end == 0)
        throw configuration_error("the database URL has no scheme; it starts with postgresql:// or sqlite://");
    const auto scheme = text.substr(0, end);
    if (end > 32 || scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") != std::string_view::npos)
        throw configuration_error("the database URL does not start with a scheme such as postgresql:// or sqlite://");
    scheme_ = scheme == "postgres" ? "postgresql" : scheme;
    const auto at = end + 3;
    if (scheme_ == "postgresql") parse_postgres(text.substr(at), at);
    if (scheme_ == "sqlite") parse_sqlite(text.substr(at), at);
}

void database_url::parse_postgres(std::string_view text, std::size_t at) {
    // As in libpq, credentials end at the first "@" that no "/" precedes; so "?" and "," may stand in a password.
    const auto mark = text.find_first_of("@/");
    if (mark != std::string_view::npos && text[mark] == '@') {
        const auto credentials = text.substr(0, mark);
        const auto colon = std::min(credentials.find(':'), credentials.size());
        user_ = percent_decode(credentials.substr(0, colon), at);
        if (colon < credentials.size()) password_ = percent_decode(credentials.substr(colon + 1), at + colon + 1);
        text.remove_prefix(mark + 1);
        at += mark + 1;
    }
    const auto question = std::min(text.find('?'), text.size());
    const auto slash = std::min(text.find('/'), question);
    const auto stray = text.substr(0, question).find('@');
    if (stray != std::string_view::npos)
        refuse_url(
            "an \"@\" where none can be; if it or what precedes it is part of a password, write \"@\" as %40 and "
            "\"/\" as %2F there",
            at + stray);
    if (slash > 0) hosts_ = detail::parse_hosts(text.substr(0, slash), at);
    if (slash < question) database_ = percent_decode(text.substr(slash + 1, question - slash - 1), at + slash + 1);
    if (question < text.size()) parse_parameters(text.substr(question + 1), at + question + 1, postgres_parameters);
    take_postgres_parameters();
}

void database_url::take_postgres_parameters() {
    if (auto user = take_parameter("user")) user_ = std::move(*user);
    if (auto password = take_parameter("password")) password_ = std::move(*password);
    if (auto database = take_parameter("dbname")) database_ = std::move(*database);
    if (const auto host = take_parameter("host")) {
        std::vector<database_host> named;
        for (const auto name : detail::split(*host, ','))
            named.push_back({std::string(name), 0});
        // Ports that the URL gave beside the hosts stay where the numbers agree.
        for (std::size_t i = 0; i < named.size() && hosts_.size() == named.size(); ++i)
            named[i].port = hosts_[i].port;
        hosts_ = std::move(named);
    }
    if (const auto port = take_parameter("port")) {
        const auto ports = detail::split(*port, ',');
        if (hosts_.empty()) hosts_.resize(ports.size());
        if (ports.size() != 1 && ports.size() != hosts_.size())
            throw configuration_error("the database URL has " + std::to_string(hosts_.size()) + " hosts and " +
                                      std::to_string(ports.size()) + " ports");
        for (std::size_t i = 0; i < hosts_.size(); ++i)
            hosts_[i].port = detail::parse_port(ports.size() == 1 ? ports[0] : ports[i], 0);
    }
    if (const auto ssl = take_parameter("ssl")) {
        if (*ssl != "true") throw configuration_error("ssl in the database URL can only be true; see sslmode");
        set_parameter("sslmode", "require");
    }
    if (const auto mode = parameter("sslmode"); mode && !contains(ssl_modes, *mode))
        throw configuration_error("sslmode in the database URL is none of " + list(ssl_modes));
    if (const auto seconds = parameter("connect_timeout")) {
        int value = 0;
        const auto* end = seconds->data() + seconds->size();
        const auto [stop, error] = std::from_chars(seconds->data(), end, value);
        if (error != std::errc() || stop != end || value < 0)
            throw configuration_error("connect_timeout in the database URL is no number of seconds");
    }
}

void database_url::parse_sqlite(std::string_view text, std::size_t at) {
    const auto question = std::min(text.find('?'), text.size());
    const auto path = text.substr(0, question);
    if (!path.empty() && path.front() != '/')
        refuse_url("a host, which SQLite does not have; a file is sqlite:///relative or sqlite:////absolute", at);
    if (path.size() > 1) database_ = percent_decode(path.substr(1), at + 1);
    if (database_ == ":memory:") database_.clear();
    if (question < text.size()) parse_parameters(text.substr(question + 1), at + question + 1, sqlite_parameters);
}

void database_url::parse_parameters(std::string_view text, std::size_t at, std::span<const std::string_view> known) {
    if (text.size() > 1 && text.ends_with('&')) text.remove_suffix(1);
    if (text.empty()) return;
    for (const auto part : detail::split(text, '&')) {
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) refuse_url("a parameter without \"=\"", at);
        auto name = percent_decode(part.substr(0, equals), at);
        if (!contains(known, name))
            throw configuration_error(
                "the database URL has " +
                (is_plain_name(name) ? "the unknown parameter \"" + name + '"' : std::string("an unknown parameter")) +
                "; known are " + list(known));
        auto value = part.substr(equals + 1);
        if (value.find('=') != std::string_view::npos)
            refuse_url("a second \"=\" in a parameter; write it as %3D", at + equals + 1 + value.find('='));
        set_parameter(name, percent_decode(value, at + equals + 1));
        at += part.size() + 1;
    }
}

std::optional<std::string_view> database_url::parameter(std::string_view name) const noexcept {
    for (const auto& [known, value] : parameters_)
        if (known == name) return std::string_view(value);
    return std::nullopt;
}

void database_url::set_parameter(std::string_view name, std::string value) {
    for (auto& [known, old] : parameters_) {
        if (known != name) continue;
        old = std::move(value);
        return;
    }
    parameters_.emplace_back(name, std::move(value));
}

std::optional<std::string> database_url::take_parameter(std::string_view name) {
    const auto found = std::ranges::find(parameters_, name, &std::pair<std::string, std::string>::first);
    if (found == parameters_.end()) return std::nullopt;
    auto value = std::move(found->second);
    parameters_.erase(found);
    return value;
}

std::string database_url::description() const {
    if (scheme_ == "sqlite")
        return database_.empty() ? "sqlite://" : "sqlite:///" + detail::percent_encode(database_, "/");
    if (scheme_ != "postgresql") return scheme_ + "://";
    std::string text = "postgresql://";
    if (!user_.empty()) text += detail::percent_encode(user_, "") + '@';
    bool first = true;
    for (const auto& host : hosts_) {
        if (!std::exchange(first, false)) text += ',';
        const bool address = host.name.find(':') != std::string::npos && !host.is_unix_socket();
        text += address ? '[' + host.name + ']' : detail::percent_encode(host.name, "");
        if (host.port != 0) text += ':' + std::to_string(host.port);
    }
    if (!database_.empty()) text += '/' + detail::percent_encode(database_, "");
    return text;
}

} // namespace wharf
