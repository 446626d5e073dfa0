#include "support/throwaway_postgres/throwaway_postgres.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
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

struct pipe_ends {
    int read;
    int write;
};

pipe_ends make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    return {ends[0], ends[1]};
}

// Our environment, and the settings. The keeper is in a session of its own and a child of init, so that neither Ctrl-C
// nor whoever kills our process tree ends it before it has cleaned up.
void spawn_keeper(std::string_view settings, int standard_input, int standard_output) {
    std::string setting = "WHARF_POSTGRES_SETTINGS=" + std::string(settings);
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        environment.push_back(*entry);
    }
    environment.push_back(setting.data());
    environment.push_back(nullptr);

    std::string words[] = {"setsid", "--fork", WHARF_SERVE_SCRIPT};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, standard_input, 0);
    ::posix_spawn_file_actions_adddup2(&actions, standard_output, 1);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments, environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::system_error(failed, std::generic_category(), "posix_spawnp setsid");
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
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

throwaway_postgres::throwaway_postgres(std::string_view settings) {
    const auto input = make_pipe();
    const auto output = make_pipe();
    to_keeper_ = input.write;
    from_keeper_ = output.read;
    std::string lines;
    try {
        spawn_keeper(settings, input.read, output.write);
        ::close(input.read);
        ::close(output.write);
        for (std::string line = read_line(); line != "ready"; line = read_line()) {
            if (line.starts_with("failed ")) throw std::runtime_error("no PostgreSQL server: " + line.substr(7));
            lines += line + '\n';
        }
        address_ = postgres_address::parse(lines);
    } catch (...) {
        ::close(to_keeper_);
        ::close(from_keeper_);
        throw;
    }
}

throwaway_postgres::~throwaway_postgres() {
    ::close(to_keeper_);
    // The keeper's end of the pipe closes once everything is removed.
    char buffer[256];
    while (::read(from_keeper_, buffer, sizeof buffer) > 0) {
    }
    ::close(from_keeper_);
}

void throwaway_postgres::stop(shutdown how) {
    command(name_of(how), "stopped");
}

void throwaway_postgres::start() {
    command("start", "started");
}

void throwaway_postgres::command(std::string_view line, std::string_view expected) {
    const std::string text = std::string(line) + '\n';
    if (::write(to_keeper_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw std::system_error(errno, std::generic_category(), "the keeper of the PostgreSQL server");
    }
    const std::string answer = read_line();
    if (answer != expected) throw std::runtime_error("throw-away PostgreSQL server: " + answer);
}

std::string throwaway_postgres::read_line() {
    for (;;) {
        if (const auto end = received_.find('\n'); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        char buffer[1024];
        const auto count = ::read(from_keeper_, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw std::runtime_error("the keeper of the PostgreSQL server ended");
        received_.append(buffer, static_cast<std::size_t>(count));
    }
}

} // namespace wharf::support
