// Several statements in one text, run one after the other: what migrations and consoles need. No parameters.
#pragma once

#include "wharf/row/result.hpp"
#include "wharf/row/rows.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace wharf {

struct script_options {
    std::size_t row_limit{0}; ///< rows kept of each statement; 0: all
};

/// What one statement of a script has yielded.
class script_result {
public:
    script_result(std::string command, result rows, std::uint64_t affected, bool cut) noexcept
        : command_(std::move(command)), found_(std::move(rows)), affected_(affected), cut_(cut) {}

    /// What the server calls it: "SELECT 3", "CREATE TABLE". On SQLite its first word.
    [[nodiscard]] const std::string& command() const noexcept { return command_; }
    [[nodiscard]] std::uint64_t affected() const noexcept { return affected_; }
    /// On PostgreSQL they come as text; numbers, times and the like are read from it.
    [[nodiscard]] const result& found() const noexcept { return found_; }
    template <class... T>
    [[nodiscard]] wharf::rows<T...> rows() const {
        return wharf::rows<T...>(found_);
    }
    /// Whether there were more rows than were kept.
    [[nodiscard]] bool is_cut() const noexcept { return cut_; }

private:
    std::string command_;
    result found_;
    std::uint64_t affected_;
    bool cut_;
};

/// What came of a script: the first error ended it.
struct script_outcome {
    script_outcome() = default;
    std::vector<script_result> results{};
    std::exception_ptr error{};
};

} // namespace wharf
