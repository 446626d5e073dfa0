// What becomes of a connection whose statement was given up.
#pragma once

#include <cstdint>

namespace wharf {

/// What follows when a statement is given up half-way: its deadline passed, a stop was requested, or its op was
/// destroyed. In both cases the database is asked to stop it, and no reply of it ever reaches another statement.
enum class cancellation : std::uint8_t {
    /// The connection is closed, and counts until the database has ended it too.
    close,
    /// The connection is kept: before its next statement, or in the background when it goes back to its pool, what is
    /// left of the reply is taken in. Where that fails, or the statement had not been sent completely, it is closed.
    cancel_and_drain,
};

} // namespace wharf
