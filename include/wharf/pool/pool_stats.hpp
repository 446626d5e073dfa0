// What a pool has at one moment, and what it has done since it was made.
#pragma once

#include "wharf/base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace wharf {

/// Connections closed, by reason.
struct pool_closures {
    std::uint64_t idle{0};         ///< longer idle than idle_timeout
    std::uint64_t lifetime{0};     ///< older than max_lifetime
    std::uint64_t uses{0};         ///< lent max_uses times
    std::uint64_t overflow{0};     ///< beyond max_size
    std::uint64_t broken{0};       ///< lost, or left in an uncertain state
    std::uint64_t check_failed{0}; ///< ended by the server while idle, or not answering
    std::uint64_t unfit{0};        ///< the server is not any more what the URL asks for
    std::uint64_t shut_down{0};    ///< the pool was closed

    [[nodiscard]] std::uint64_t total() const noexcept {
        return idle + lifetime + uses + overflow + broken + check_failed + unfit + shut_down;
    }
};

/// One consistent snapshot. At every moment opened - closed.total() = idle + lent + cleaning + closing, and
/// total() <= limit.
struct pool_stats {
    // Connections now.
    std::size_t idle{0};
    std::size_t lent{0};
    std::size_t cleaning{0};   ///< being rolled back, reset or checked by the pool
    std::size_t connecting{0}; ///< under way, not open yet
    std::size_t closing{0};
    std::size_t limit{0};   ///< max_size + max_overflow, or what the database allows where that is less
    std::size_t waiting{0}; ///< acquires that wait for a connection

    // Since the pool was made.
    std::uint64_t opened{0};
    std::uint64_t connect_failures{0};
    std::uint64_t acquired{0};
    std::uint64_t reused{0}; ///< of those acquired: connections that had been lent before
    std::uint64_t waited{0}; ///< of those acquired: not served at once
    std::uint64_t timeouts{0};
    std::uint64_t cancelled{0}; ///< acquires given up by their callers while they waited
    std::uint64_t rejected{0};  ///< refused because max_waiting were waiting already
    std::uint64_t released{0};
    std::uint64_t cleaned{0}; ///< came back with a transaction open, or with what others feel, which was undone
    std::uint64_t resets{0};
    std::uint64_t checks{0}; ///< idle connections asked for an answer
    pool_closures closed{};
    std::size_t peak_lent{0};
    std::size_t peak_waiting{0};
    duration wait_time{}; ///< of all acquires that waited and got a connection
    duration longest_wait{};
    duration usage_time{};   ///< of all leases that have ended
    duration connect_time{}; ///< of all connections opened

    [[nodiscard]] std::size_t total() const noexcept { return idle + lent + cleaning + connecting + closing; }
};

} // namespace wharf
