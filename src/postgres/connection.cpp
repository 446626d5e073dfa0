#include "postgres/connection.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <array>

namespace wharf::postgres {

connection::connection(std::unique_ptr<channel> logged_in, server_state server, const connection_limits& limits)
    : channel_(std::move(logged_in)), server_(std::move(server)), statements_(limits.statement_cache_size),
      replies_(server_, statements_, limits.message_limit), writer_(channel_->out(), replies_),
      row_limit_(limits.message_limit) {}

void connection::require_usable() const {
    if (broken_)
        throw connection_lost("the connection has ended or was left in an uncertain state by an earlier failure");
}

void connection::end_round_trip() {
    ++counters_.round_trips;
    if (server_.observer() != nullptr) server_.observer()->on_round_trip();
}

io::op<void> connection::ping() {
    require_usable();
    if (copy_.open) co_await settle_copy();
    in_flight flight(*this);
    replies_.start({});
    write_closing();
    writer_.sync(request_writer::no_item, false);
    co_await channel_->exchange(replies_);
    end_round_trip();
    flight.landed();
}

// The server answers Terminate by ending the stream. Errors on the way mean that it has ended already.
io::op<void> connection::close() {
    if (broken_) {
        co_await cancel_running();
        co_return;
    }
    broken_ = true;
    bool ended = false;
    std::array<char, 512> rest{};
    try {
        channel_->out().begin(protocol::frontend_message::terminate, 0);
        co_await channel_->send();
        while (!ended) {
            const std::size_t got = co_await io::read_some(channel_->stream(), rest);
            ended = got == 0;
        }
    } catch (const connection_error&) {
        ended = true;
    }
}

} // namespace wharf::postgres
