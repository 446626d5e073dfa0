#include "support/throwaway_postgres/keeper.hpp"

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

struct pipe_ends {
    int read;
    int write;
};

pipe_ends make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    return {ends[0], ends[1]};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    return pointers;
}

// The script is in a session of its own and a child of init, so that neither Ctrl-C nor whoever kills our process tree
// ends it before it has cleaned up.
void spawn(std::vector<std::string> words, std::vector<std::string> variables, int standard_input,
           int standard_output) {
    std::vector<char*> environment = pointers_to(variables);
    for (char** entry = environ; *entry != nullptr; ++entry)
        environment.push_back(*entry);
    environment.push_back(nullptr);

    words.insert(words.begin(), {"setsid", "--fork"});
    std::vector<char*> arguments = pointers_to(words);
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, standard_input, 0);
    ::posix_spawn_file_actions_adddup2(&actions, standard_output, 1);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::system_error(failed, std::generic_category(), "posix_spawnp setsid");
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace

keeper::keeper(std::vector<std::string> words, std::vector<std::string> variables) {
    const auto input = make_pipe();
    const auto output = make_pipe();
    to_script_ = input.write;
    from_script_ = output.read;
    try {
        spawn(std::move(words), std::move(variables), input.read, output.write);
        ::close(input.read);
        ::close(output.write);
        for (std::string line = read_line(); line != "ready"; line = read_line()) {
            if (line.starts_with("failed ")) throw std::runtime_error("no server: " + line.substr(7));
            description_ += line + '\n';
        }
    } catch (...) {
        close();
        throw;
    }
}

keeper::~keeper() {
    close();
}

void keeper::close() {
    ::close(to_script_);
    // The script's end of the pipe closes once everything is removed.
    char buffer[256];
    while (::read(from_script_, buffer, sizeof buffer) > 0) {
    }
    ::close(from_script_);
}

void keeper::command(std::string_view line, std::string_view expected) {
    const std::string text = std::string(line) + '\n';
    if (::write(to_script_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw std::system_error(errno, std::generic_category(), "the keeper of a server");
    }
    const std::string answer = read_line();
    if (answer != expected) throw std::runtime_error("throw-away server: " + answer);
}

std::string keeper::read_line() {
    for (;;) {
        if (const auto end = received_.find('\n'); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        char buffer[1024];
        const auto count = ::read(from_script_, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw std::runtime_error("the keeper of a server ended");
        received_.append(buffer, static_cast<std::size_t>(count));
    }
}

} // namespace wharf::support
