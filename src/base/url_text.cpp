#include "base/url_text.hpp"

#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"

#include <algorithm>
#include <charconv>

namespace wharf::detail {
namespace {

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

database_host parse_host(std::string_view text, std::size_t at) {
    database_host host;
    std::size_t name_end = 0;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) refuse_url("an IPv6 address that lacks its closing \"]\"", at);
        const auto address = text.substr(1, close - 1);
        if (address.empty()) refuse_url("an empty IPv6 address", at);
        const auto zone = std::min(address.find('%'), address.size());
        const auto digits = address.substr(0, zone);
        if (digits.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos ||
            digits.find(':') == std::string_view::npos)
            refuse_url("brackets around something that is no IPv6 address", at);
        host.name = percent_decode(address, at + 1);
        name_end = close + 1;
    } else {
        name_end = std::min(text.find(':'), text.size());
        host.name = percent_decode(text.substr(0, name_end), at);
    }
    const auto rest = text.substr(name_end);
    if (rest.empty()) return host;
    if (rest.front() != ':') refuse_url("something between an IPv6 address and what may follow it", at + name_end);
    host.port = parse_port(rest.substr(1), at + name_end + 1);
    return host;
}

} // namespace

void refuse_url(std::string_view what, std::size_t at) {
    throw configuration_error("the database URL has " + std::string(what) + " (at character " + std::to_string(at + 1) +
                              ")");
}

std::string percent_decode(std::string_view text, std::size_t at) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            refuse_url("a \"%\" that two hexadecimal digits do not follow; write it as %25", at + i);
        if (high == 0 && low == 0) refuse_url("a %00, which no setting can contain", at + i);
        out.push_back(static_cast<char>(high << 4 | low));
        i += 2;
    }
    return out;
}

std::string percent_encode(std::string_view text, std::string_view kept) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (plain.find(c) != std::string_view::npos || kept.find(c) != std::string_view::npos || byte >= 0x80) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 0x0F]);
        }
    }
    return out;
}

std::uint16_t parse_port(std::string_view text, std::size_t at) {
    if (text.empty()) return 0;
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || stop != end || port == 0)
        refuse_url(
            "a port that is no number from 1 to 65535; if it is part of a password, write \":\" as %3A, \"/\" as "
            "%2F and \"@\" as %40 there",
            at);
    return port;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = std::min(text.find(separator), text.size());
        parts.push_back(text.substr(0, end));
        if (end == text.size()) return parts;
        text.remove_prefix(end + 1);
    }
}

std::vector<database_host> parse_hosts(std::string_view text, std::size_t at) {
    std::vector<database_host> hosts;
    for (const auto part : split(text, ',')) {
        hosts.push_back(parse_host(part, at));
        at += part.size() + 1;
    }
    return hosts;
}

} // namespace wharf::detail
