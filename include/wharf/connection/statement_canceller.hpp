// Stopping a statement from elsewhere.
#pragma once

#include "wharf/io/op.hpp"

namespace wharf {

/// Stops what runs on one connection, for as long as whoever made it keeps that connection. Any thread, several at
/// once.
class statement_canceller {
public:
    statement_canceller() = default;
    statement_canceller(const statement_canceller&) = delete;
    statement_canceller& operator=(const statement_canceller&) = delete;
    virtual ~statement_canceller() = default;

    /// Asks the database to stop the statement that is running: it fails with query_canceled unless it ends before.
    /// Never touches a later one: that waits until this request has arrived. False: nothing was running. Throws
    /// connect_failed, connection_lost, configuration_error, timed_out, cancelled.
    [[nodiscard]] virtual io::op<bool> request() = 0;
};

} // namespace wharf
