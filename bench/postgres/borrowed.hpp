// One connection of wharf's, lent for as long as a row is measured; and the struct of the rows that are written and
// read.
#pragma once

#include "clients.hpp"
#include "wharf/wharf.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace bench {

class borrowed {
public:
    explicit borrowed(const server_place& where)
        : pool_(where.url, {.min_size = 1, .max_size = 1}), connection_(pool_.acquire()),
          backend_(connection_.query<std::int32_t>("SELECT pg_catalog.pg_backend_pid()").one()) {}
    [[nodiscard]] wharf::connection& operator*() noexcept { return connection_; }
    [[nodiscard]] wharf::connection* operator->() noexcept { return &connection_; }
    [[nodiscard]] std::int32_t backend() const noexcept { return backend_; }

private:
    wharf::pool pool_;
    wharf::connection connection_;
    std::int32_t backend_;
};

using time = std::chrono::sys_time<std::chrono::microseconds>;
inline constexpr std::int64_t postgres_epoch = 946'684'800'000'000; // 2000-01-01 in microseconds since 1970

/// A row of the tables `measurements` and `target`.
struct measurement {
    std::int64_t id{};
    double value{};
    std::string label{};
    time taken{};
};

} // namespace bench
