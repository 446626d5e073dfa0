// How far a job is: a bar that redraws itself on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>

namespace demo {

class progress {
public:
    using clock = std::chrono::steady_clock;

    /// `terminal`: whether `out` is one. `width`: its columns.
    progress(std::ostream& out, bool terminal, std::string what, std::size_t total, std::size_t width = 80);

    /// `done` of the total are done at `now`. Draws at most ten times a second on a terminal, and every tenth of the
    /// total elsewhere.
    void update(std::size_t done, clock::time_point now);
    /// Draws the end state: how many, how long, how fast.
    void finish(clock::time_point now);

private:
    [[nodiscard]] std::string bar(std::size_t done, clock::time_point now) const;
    [[nodiscard]] double seconds(clock::time_point now) const;

    std::ostream& out_;
    bool terminal_;
    std::string what_;
    std::size_t total_;
    std::size_t width_;
    std::size_t done_{0};
    std::size_t next_line_;
    clock::time_point started_{clock::now()};
    clock::time_point drawn_{};
};

} // namespace demo
