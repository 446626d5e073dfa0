// How a running statement of one connection is cancelled.
#pragma once

#include "postgres/protocol/startup.hpp"
#include "wharf/io/op.hpp"
#include "wharf/postgres/settings.hpp"

#include <memory>
#include <utility>

namespace wharf::postgres {

/// The way to the server process of a connection, past that connection. Any thread.
class cancel_route {
public:
    cancel_route(std::shared_ptr<const settings> where, server_address server, protocol::cancel_key key)
        : where_(std::move(where)), server_(std::move(server)), key_(std::move(key)) {}

    /// Sends a CancelRequest over a connection of its own, with the same encryption, and waits until the server has
    /// passed it on. `in_doubt` is true from when it may reach the server until it has, so also after this was given up
    /// in between; it outlives the op. Throws connection_error, configuration_error, timed_out, cancelled.
    [[nodiscard]] io::op<void> request(bool& in_doubt) const;

private:
    std::shared_ptr<const settings> where_; // shared with the connector
    server_address server_;
    protocol::cancel_key key_;
};

} // namespace wharf::postgres
