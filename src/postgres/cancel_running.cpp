// Telling the server to stop a statement whose answer nobody waits for any more.
#include "postgres/connect.hpp"
#include "postgres/protocol/startup.hpp"
#include "wharf/base/error.hpp"

#include <array>
#include <utility>

namespace wharf::postgres {

// Over a connection of its own, with the same encryption. The server closes it once the request has been passed on;
// this connection is closed only then, so that the key cannot belong to somebody else's by now.
// Source: PostgreSQL documentation, 55.2.8 (canceling requests in progress).
io::op<void> connection::cancel_running() {
    const auto where = std::exchange(cancel_settings_, nullptr);
    if (!where || !server_.key) co_return;
    bool passed_on = false;
    try {
        protocol::cancel_request request;
        request.key = *server_.key;
        protocol::outgoing_buffer out;
        protocol::encode(out, request);
        const secured_stream to = co_await open_stream(*where, cancel_server_);
        co_await io::write_all(*to.stream, protocol::as_text(out.pending()));
        std::array<char, 64> rest{};
        while (!passed_on) {
            const std::size_t got = co_await io::read_some(*to.stream, rest);
            passed_on = got == 0;
        }
    } catch (const connection_error&) {
        passed_on = false; // the server is not to be reached, or has gone: there is nothing to stop
    } catch (const configuration_error&) {
        passed_on = false; // a file of certificates is not there any more
    }
}

} // namespace wharf::postgres
