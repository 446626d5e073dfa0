// How a running statement of one connection is cancelled.
#pragma once

#include "postgres/protocol/outgoing_buffer.hpp"
#include "postgres/protocol/startup.hpp"
#include "wharf/io/op.hpp"
#include "wharf/io/stream.hpp"
#include "wharf/postgres/settings.hpp"

#include <memory>
#include <utility>

namespace wharf::postgres {

/// A request on its way. It may be given up at any point and be gone on with later.
struct cancel_attempt {
    cancel_attempt() = default;

    std::unique_ptr<io::stream> to{}; ///< null: not connected
    protocol::outgoing_buffer out{};  ///< what is left to be sent
    /// From when it may reach the server until it has.
    [[nodiscard]] bool is_in_doubt() const noexcept { return to != nullptr; }
};

/// The way to the server process of a connection, past that connection. Any thread.
class cancel_route {
public:
    cancel_route(std::shared_ptr<const settings> where, server_address server, protocol::cancel_key key)
        : where_(std::move(where)), server_(std::move(server)), key_(std::move(key)) {}

    /// Sends a CancelRequest over a connection of its own, with the same encryption, and waits until the server has
    /// passed it on. `in_doubt` is true from when it may reach the server until it has, so also after this was given up
    /// in between; it outlives the op. Throws connection_error, configuration_error, timed_out, cancelled.
    [[nodiscard]] io::op<void> request(bool& in_doubt) const;
    /// The same for a request that is gone on with where it was given up. `attempt` is in doubt, also after an error,
    /// until the server has passed the request on; it outlives the op.
    [[nodiscard]] io::op<void> request(cancel_attempt& attempt) const;

private:
    std::shared_ptr<const settings> where_; // shared with the connector
    server_address server_;
    protocol::cancel_key key_;
};

} // namespace wharf::postgres
