#include "wharf/base/url.hpp"

#include "base/parameter_names.hpp"
#include "base/url_text.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>

namespace wharf {
namespace {

using detail::refuse_url;

// The end of "scheme" in front of "://" where there is a word that can be one.
std::size_t end_of_scheme(std::string_view text) {
    const auto end = text.find("://");
    if (end == std::string_view::npos || end == 0 || end > 32) return std::string_view::npos;
    const auto odd = text.substr(0, end).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.");
    return odd == std::string_view::npos ? end : odd;
}

void refuse_control_characters(std::string_view url) {
    const auto found =
        std::ranges::find_if(url, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (found != url.end()) refuse_url("a control character", static_cast<std::size_t>(found - url.begin()));
}

} // namespace

database_url::database_url(std::string_view text) {
    const auto mark = text.find("://");
    const auto end = end_of_scheme(text);
    if (end != std::string_view::npos && end == mark) {
        const auto scheme = text.substr(0, end);
        refuse_control_characters(text);
        scheme_ = scheme == "postgres" ? "postgresql" : scheme;
        if (scheme_ == "postgresql") parse_postgres(text.substr(end + 3), end + 3);
        if (scheme_ == "sqlite") parse_sqlite(text.substr(end + 3), end + 3);
    } else if (text.find('=') < mark) {
        scheme_ = "postgresql";
        parse_keywords(text);
    } else if (mark != std::string_view::npos) {
        throw configuration_error("the database URL does not start with a scheme such as postgresql:// or sqlite://");
    } else {
        throw configuration_error("the database URL has no scheme; it starts with postgresql:// or sqlite://, or is a "
                                  "connection string such as \"host=db.example dbname=shop\"");
    }
    if (scheme_ == "postgresql") check_postgres();
}

// What can be said without the surroundings, which may add a list of hosts or of ports.
void database_url::check_postgres() const {
    detail::check_ports(value_of("port"));
    if (parameter("host") || parameter("hostaddr")) static_cast<void>(hosts());
    // libpq takes one only from a list of keywords. As a name it would be shown in messages, with the password in it.
    const auto database = parameter("dbname").value_or("");
    if (database.starts_with("postgresql://") || database.starts_with("postgres://"))
        throw configuration_error("dbname is a URL; what it says belongs into the connection string itself");
}

void database_url::parse_sqlite(std::string_view text, std::size_t at) {
    const auto question = std::min(text.find('?'), text.size());
    const auto path = text.substr(0, question);
    if (!path.empty() && path.front() != '/')
        refuse_url("a host, which SQLite does not have; a file is sqlite:///relative or sqlite:////absolute", at);
    if (path.size() > 1 && path != "/:memory:") set_parameter("dbname", detail::percent_decode(path.substr(1), at + 1));
    if (question == text.size()) return;
    for (auto& [name, value] : detail::parse_url_parameters(text.substr(question + 1), at + question + 1)) {
        if (std::ranges::find(detail::sqlite_parameters(), name) == detail::sqlite_parameters().end())
            throw configuration_error("the database URL has " +
                                      detail::unknown_parameter(name, false, detail::sqlite_parameters()));
        set_parameter(name, std::move(value));
    }
}

std::vector<database_host> database_url::hosts() const {
    return detail::make_hosts(value_of("host"), value_of("hostaddr"), value_of("port"));
}

std::optional<std::string> database_url::password() const {
    const auto given = parameter("password");
    return given ? std::optional<std::string>(*given) : std::nullopt;
}

std::string database_url::value_of(std::string_view name) const {
    return std::string(parameter(name).value_or(""));
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

std::string database_url::description() const {
    if (scheme_ == "sqlite")
        return database().empty() ? "sqlite://" : "sqlite:///" + detail::percent_encode(database(), "/");
    if (scheme_ != "postgresql") return scheme_ + "://";
    std::string text = "postgresql://";
    if (!user().empty()) text += detail::percent_encode(user(), "") + '@';
    bool first = true;
    for (const auto& host : hosts()) {
        if (!std::exchange(first, false)) text += ',';
        const auto& shown = host.name.empty() ? host.address : host.name;
        const bool address = shown.find(':') != std::string::npos && !host.is_unix_socket();
        text += address ? '[' + shown + ']' : detail::percent_encode(shown, "");
        if (host.port != 0) text += ':' + std::to_string(host.port);
    }
    if (!database().empty()) text += '/' + detail::percent_encode(database(), "");
    return text;
}

} // namespace wharf
