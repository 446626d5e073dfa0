// postgresql:// URLs, in the order in which libpq reads them.
// Source: PostgreSQL documentation, 34.1.1.2 (connection URIs).
#include "base/parameter_names.hpp"
#include "base/url_text.hpp"
#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"

#include <algorithm>
#include <string>

namespace wharf {
namespace {

using detail::percent_decode;
using detail::refuse_url;

void check_address(std::string_view text, std::size_t at) {
    const auto digits = text.substr(0, text.find('%'));
    if (text.empty()) refuse_url("an empty IPv6 address", at);
    if (digits.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos ||
        digits.find(':') == std::string_view::npos)
        refuse_url("brackets around something that is no IPv6 address", at);
}

// The lists of hosts and of ports, still encoded, as they stand in front of the "/" or "?".
struct host_lists {
    std::string names{};
    std::string ports{};
    std::size_t size{0}; // of what has been read
};

host_lists read_hosts(std::string_view text, std::size_t at) {
    host_lists lists;
    std::size_t& i = lists.size;
    for (;;) {
        if (i < text.size() && text[i] == '[') {
            const auto close = text.find(']', i);
            if (close == std::string_view::npos) refuse_url("an IPv6 address that lacks its closing \"]\"", at + i);
            const auto address = text.substr(i + 1, close - i - 1);
            check_address(address, at + i);
            lists.names += address;
            i = close + 1;
            if (i < text.size() && std::string_view(":/?,").find(text[i]) == std::string_view::npos)
                refuse_url("something between an IPv6 address and what may follow it", at + i);
        } else {
            const auto end = std::min(text.find_first_of(":/?,", i), text.size());
            lists.names += text.substr(i, end - i);
            i = end;
        }
        if (i < text.size() && text[i] == ':') {
            const auto end = std::min(text.find_first_of("/?,", i), text.size());
            lists.ports += text.substr(i + 1, end - i - 1);
            i = end;
        }
        if (i == text.size() || text[i] != ',') return lists;
        ++i;
        lists.names += ',';
        lists.ports += ',';
    }
}

} // namespace

std::vector<detail::url_parameter> detail::parse_url_parameters(std::string_view text, std::size_t at) {
    std::vector<url_parameter> found;
    if (text.size() > 1 && text.ends_with('&')) text.remove_suffix(1);
    if (text.empty()) return found;
    for (const auto part : split(text, '&')) {
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) refuse_url("a parameter without \"=\"", at);
        const auto value = part.substr(equals + 1);
        if (const auto second = value.find('='); second != std::string_view::npos)
            refuse_url("a second \"=\" in a parameter; write it as %3D", at + equals + 1 + second);
        found.push_back({percent_decode(part.substr(0, equals), at), percent_decode(value, at + equals + 1)});
        at += part.size() + 1;
    }
    return found;
}

void database_url::parse_postgres(std::string_view text, std::size_t at) {
    const auto store = [this](std::string_view name, std::string_view raw, std::size_t where) {
        if (!raw.empty()) set_parameter(name, percent_decode(raw, where));
    };
    // Credentials end at the first "@" that no "/" precedes; so "?" and "," may stand in a password.
    const auto mark = text.find_first_of("@/");
    if (mark != std::string_view::npos && text[mark] == '@') {
        const auto credentials = text.substr(0, mark);
        const auto colon = std::min(credentials.find(':'), credentials.size());
        store("user", credentials.substr(0, colon), at);
        if (colon < credentials.size()) store("password", credentials.substr(colon + 1), at + colon + 1);
        text.remove_prefix(mark + 1);
        at += mark + 1;
    }
    if (const auto stray = text.substr(0, text.find('?')).find('@'); stray != std::string_view::npos)
        refuse_url(
            "an \"@\" where none can be; if it or what precedes it is part of a password, write \"@\" as %40 and "
            "\"/\" as %2F there",
            at + stray);
    const auto lists = read_hosts(text, at);
    store("host", lists.names, at);
    store("port", lists.ports, at);
    const auto question = std::min(text.find('?', lists.size), text.size());
    if (lists.size < question)
        store("dbname", text.substr(lists.size + 1, question - lists.size - 1), at + lists.size + 1);
    if (question == text.size()) return;
    bool behind_password = false;
    for (auto& [name, value] : detail::parse_url_parameters(text.substr(question + 1), at + question + 1)) {
        if (name == "ssl" && value == "true") name = "sslmode", value = "require"; // as JDBC writes it
        if (!take_keyword(name, std::move(value)))
            throw configuration_error("the database URL has " +
                                      detail::unknown_parameter(name, behind_password, detail::postgres_parameters()));
        behind_password = name == "password" || name == "sslpassword";
    }
}

} // namespace wharf
