// From libpq's lists of hosts, addresses and ports to one entry for each server.
// Source: PostgreSQL documentation, 34.1.1.3 (specifying multiple hosts).
#include "base/url_text.hpp"
#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"

#include <charconv>

namespace wharf::detail {
namespace {

std::uint16_t parse_port(std::string_view text) {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    if (text.empty()) return 0;
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || stop != end || port == 0)
        throw configuration_error(
            "the connection string has a port that is no number from 1 to 65535; if it is part of a password in a URL, "
            "write \":\" as %3A, \"/\" as %2F and \"@\" as %40 there");
    return port;
}

void require_equal(std::size_t hosts, std::string_view of_what, std::size_t count) {
    if (hosts != count)
        throw configuration_error("the connection string has " + std::to_string(hosts) + " hosts and " +
                                  std::to_string(count) + ' ' + std::string(of_what));
}

} // namespace

std::vector<database_host> make_hosts(std::string_view names, std::string_view addresses, std::string_view ports) {
    std::vector<database_host> hosts;
    if (!names.empty())
        for (const auto name : split(names, ','))
            hosts.push_back({.name = std::string(name)});
    if (!addresses.empty()) {
        const auto parts = split(addresses, ',');
        if (hosts.empty()) hosts.resize(parts.size());
        require_equal(hosts.size(), "host addresses", parts.size());
        for (std::size_t i = 0; i < parts.size(); ++i)
            hosts[i].address = parts[i];
    }
    if (ports.empty()) return hosts;
    if (hosts.empty()) hosts.emplace_back();
    const auto parts = split(ports, ',');
    if (parts.size() != 1) require_equal(hosts.size(), "ports", parts.size());
    for (std::size_t i = 0; i < hosts.size(); ++i)
        hosts[i].port = parse_port(parts.size() == 1 ? parts[0] : parts[i]);
    return hosts;
}

void check_ports(std::string_view ports) {
    for (const auto port : split(ports, ','))
        static_cast<void>(parse_port(port));
}

} // namespace wharf::detail
