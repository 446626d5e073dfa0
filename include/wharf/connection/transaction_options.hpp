// How a transaction runs.
#pragma once

#include "wharf/connection/driver.hpp"

#include <cstdint>
#include <string>

namespace wharf {

enum class isolation : std::uint8_t { server_default, read_committed, repeatable_read, serializable };

/// The fields are those of PostgreSQL's BEGIN. SQLite's transactions are always serializable; there `immediate` takes
/// the write lock at once, which a transaction that reads before it writes needs, and the other fields mean nothing.
struct transaction_options {
    wharf::isolation isolation{wharf::isolation::server_default};
    bool read_only{false};
    bool deferrable{false};
    bool immediate{false};
};

/// The statement that begins such a transaction.
[[nodiscard]] std::string begin_statement(backend kind, const transaction_options& options);

} // namespace wharf
