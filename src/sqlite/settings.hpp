// How connections to one database are opened.
#pragma once

#include "wharf/base/time.hpp"
#include "wharf/base/url.hpp"

#include <chrono>
#include <string>

namespace wharf::sqlite {

struct settings {
    std::string path{}; ///< empty: in memory
    int open_flags{0};  ///< of sqlite3_open_v2
    std::chrono::milliseconds busy_timeout{5'000};
    /// How long a statement waits for the write gate at most: longer than any queue of sane writers, but an end to
    /// waiting for a transaction that the same thread holds open.
    std::chrono::milliseconds gate_timeout{30'000};
    std::string synchronous{"full"};
    std::string journal_mode{"wal"};
    bool foreign_keys{true};
    std::string description{}; ///< of the URL

    [[nodiscard]] bool in_memory() const noexcept { return path.empty(); }
};

/// Throws configuration_error.
[[nodiscard]] settings read_settings(const database_url& url);

} // namespace wharf::sqlite
