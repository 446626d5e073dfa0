#include "support/throwaway_postgres/throwaway_postgres.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::support {

namespace {

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
            c == '.' || c == '/') {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

std::string value_of(std::string_view lines, std::string_view key) {
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        if (line.starts_with(key) && line.substr(key.size()).starts_with('=')) {
            return std::string(line.substr(key.size() + 1));
        }
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    }
    throw std::runtime_error("the description of the test server lacks " + std::string(key));
}

std::string_view name_of(shutdown how) {
    switch (how) {
    case shutdown::fast:
        return "stop fast";
    case shutdown::immediate:
        return "stop immediate";
    case shutdown::kill:
        return "stop kill";
    }
    return {};
}

std::vector<std::string> environment_of(std::string_view settings, std::string_view binaries) {
    std::vector<std::string> variables{"WHARF_POSTGRES_SETTINGS=" + std::string(settings)};
    if (!binaries.empty()) variables.push_back("WHARF_POSTGRES_BIN=" + std::string(binaries));
    return variables;
}

} // namespace

postgres_address postgres_address::parse(std::string_view lines) {
    postgres_address address;
    address.user = value_of(lines, "user");
    address.password = value_of(lines, "password");
    address.socket_directory = value_of(lines, "host");
    address.port = value_of(lines, "port");
    address.ca_path = value_of(lines, "ca");
    address.log_path = value_of(lines, "log");
    return address;
}

std::string postgres_address::socket_url(std::string_view database) const {
    return "postgresql://" + user + "@/" + percent_encoded(database) + "?host=" + percent_encoded(socket_directory) +
           "&port=" + port;
}

std::string postgres_address::tcp_url(std::string_view database) const {
    return "postgresql://" + user + ":" + password + "@127.0.0.1:" + port + "/" + percent_encoded(database) +
           "?sslmode=disable";
}

std::string postgres_address::tls_url(std::string_view database) const {
    return "postgresql://" + user + ":" + password + "@127.0.0.1:" + port + "/" + percent_encoded(database) +
           "?sslmode=verify-full&sslrootcert=" + percent_encoded(ca_path);
}

throwaway_postgres::throwaway_postgres(std::string_view settings, std::string_view binaries)
    : keeper_({WHARF_SERVE_SCRIPT}, environment_of(settings, binaries)),
      address_(postgres_address::parse(keeper_.description())) {}

void throwaway_postgres::stop(shutdown how) {
    keeper_.command(name_of(how), "stopped");
}

void throwaway_postgres::start() {
    keeper_.command("start", "started");
}

} // namespace wharf::support
