#include "postgres/connection.hpp"

#include "wharf/base/error.hpp"

#include <string>

namespace wharf::postgres {

connection::connection(std::unique_ptr<channel> logged_in, server_state server, const connection_limits& limits)
    : channel_(std::move(logged_in)), server_(std::move(server)), statements_(limits.statements, random_prefix()),
      replies_(server_, statements_, types_, limits.message_limit), writer_(channel_->out(), replies_),
      reset_names_(statements_.prefix()), row_limit_(limits.message_limit) {}

void connection::require_usable() const {
    if (broken_)
        throw connection_lost("the connection has ended or was left in an uncertain state by an earlier failure");
}

void connection::land(in_flight& flight) {
    if (!server_.foreign_encoding().empty()) flight.lost();
    require_encoding();
    flight.landed();
}

void connection::require_encoding() const {
    if (server_.foreign_encoding().empty()) return;
    throw usage_error("client_encoding was changed to " + server_.foreign_encoding() +
                      ", and wharf speaks UTF8 only: the connection was given up. What was committed stays");
}

void connection::end_round_trip() {
    ++counters_.round_trips;
    if (server_.observer() != nullptr) server_.observer()->on_round_trip();
}

io::op<void> connection::ping() {
    require_usable();
    if (copy_.open) co_await settle_copy();
    if (!settled()) co_await settle();
    in_flight flight(*this);
    start_unasked();
    write_closing();
    writer_.sync(request_writer::no_item, false);
    co_await channel_->exchange(replies_);
    note_undone();
    rest_of_stream_ = false;
    end_round_trip();
    land(flight);
}

io::op<void> connection::close() {
    const bool at_rest = !broken_ && !abandoned_ && !copy_.open && !rest_of_stream_;
    broken_ = true;
    if (at_rest || replies_.ended_by_server()) // which says so before it does
        co_await channel_->end();
    else if (route_)
        co_await stop_abandoned();
}

} // namespace wharf::postgres
