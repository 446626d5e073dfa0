// The process that keeps a server for as long as an object lives: a script like `serve`, which starts the server,
// writes where it is, takes commands, and removes everything when its standard input ends - by the destructor, or
// because this process has ended in whatever way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wharf::support {

class keeper {
public:
    /// Runs `words` with our environment and these variables in front of it, and waits until the server is up.
    /// Throws std::runtime_error with the reason when it cannot be started.
    explicit keeper(std::vector<std::string> words, std::vector<std::string> variables = {});
    keeper(const keeper&) = delete;
    keeper& operator=(const keeper&) = delete;
    /// Waits until everything is removed.
    ~keeper();

    /// The lines key=value that the script has written.
    [[nodiscard]] const std::string& description() const noexcept { return description_; }

    /// Throws std::runtime_error with the script's answer when that is not the expected one.
    void command(std::string_view line, std::string_view expected);

private:
    std::string read_line();
    void close();

    int to_script_{-1};
    int from_script_{-1};
    std::string received_;
    std::string description_;
};

} // namespace wharf::support
