// What becomes of statements that were given up, and of requests to cancel.
#include "postgres/connection.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

namespace wharf::postgres {
namespace {

using namespace std::chrono_literals;

// A request stops one statement of a pipeline, and none at all while the server reads the next one: so it is repeated.
constexpr duration first_pause = 20ms;
constexpr duration longest_pause = 1s;
// For a server that does not come to an end.
constexpr duration drain_limit = 10s;
// Of a message with data of a COPY. To send more, for nothing, would cost more than another connection.
constexpr std::size_t most_kept = std::size_t{1} << 20;

class route_canceller final : public statement_canceller {
public:
    route_canceller(std::shared_ptr<const cancel_route> route, std::shared_ptr<wharf::detail::cancel_gate> gate)
        : route_(std::move(route)), gate_(std::move(gate)) {}

    [[nodiscard]] io::op<bool> request() override { return send(route_, gate_); }

private:
    // Holds what it needs: the canceller, and the connection, may be gone before it ends.
    static io::op<bool> send(std::shared_ptr<const cancel_route> route,
                             std::shared_ptr<wharf::detail::cancel_gate> gate) {
        wharf::detail::cancel_gate::pass pass(std::move(gate));
        if (!pass) co_return false;
        co_await route->request(pass.in_doubt);
        co_return true;
    }

    std::shared_ptr<const cancel_route> route_;        // shared with the connection
    std::shared_ptr<wharf::detail::cancel_gate> gate_; // likewise
};

} // namespace

void connection::cancel_through(std::shared_ptr<const settings> where, server_address server) {
    if (!server_.key) return;
    route_ = std::make_shared<cancel_route>(std::move(where), std::move(server), *server_.key);
}

std::shared_ptr<statement_canceller> connection::canceller() {
    if (!route_) throw usage_error("the server has given no key to cancel the statements of this connection");
    if (!gate_) gate_ = std::make_shared<wharf::detail::cancel_gate>();
    return std::make_shared<route_canceller>(route_, gate_);
}

void connection::retire_cancellers() noexcept {
    if (!gate_) return;
    gate_->retire();
    if (gate_->at_rest()) gate_ = nullptr;
}

// Data of a COPY are to come, from us; of its end nothing has been written.
bool connection::owes_copy_data() const noexcept {
    const auto& expected = replies_.expected();
    if (expected.empty()) return copy_.open && copy_.where == copy_state::direction::in;
    return expected.back().what == expected_reply::kind::copy_in;
}

// What was not sent completely cannot be taken back, and the rest of it shall not be run; but for data of a COPY, which
// is made to fail.
bool connection::can_be_abandoned() const noexcept {
    return route_ && (channel_->all_sent() || (copy_.open && owes_copy_data()));
}

void connection::abandon() noexcept {
    if (!can_be_abandoned()) return;
    try {
        if (owes_copy_data()) {
            if (!channel_->keep_rest_of_frame(most_kept)) return;
            protocol::encode_copy_fail(channel_->out(), "its client gave up");
            writer_.sync(request_writer::no_item, false);
        }
    } catch (const std::bad_alloc&) {
        return;
    }
    copy_.open = copy_.abandoned = false;
    replies_.copy().clear();
    replies_.forget_items();
    ++counters_.statements; // it may have changed the session
    traces_ = true;
    abandoned_ = true;
    broken_ = false;
}

io::op<void> connection::settle() {
    require_usable();
    if (gate_) co_await wait_for_cancellers();
    if (abandoned_) co_await drain();
}

io::op<void> connection::wait_for_cancellers() {
    for (;;) {
        auto spot = co_await io::make_parking_spot();
        if (gate_->quiet_or_notify(spot)) break;
        const io::wake how = co_await io::park(spot);
        io::detail::throw_unless_ready(how);
    }
    broken_ = gate_->in_doubt();
    if (gate_->retired()) gate_ = nullptr;
    if (broken_) throw connection_lost("a request to cancel was given up half-way and may still reach this connection");
}

io::op<void> connection::drain() {
    io::task& self = co_await io::this_task();
    const io::deadline_scope limit(self, deadline_after(clock::now(), drain_limit));
    const bool open_ended =
        replies_.expected().empty() || replies_.expected().back().what != expected_reply::kind::sync;
    if (channel_->all_sent() && open_ended) writer_.sync(request_writer::no_item, false);
    for (duration pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
        try {
            co_await route_->request(cancelling_);
        } catch (const connection_error&) {
            broken_ = cancelling_.is_in_doubt();
            if (broken_) throw; // else it was not sent, and the statement may end by itself
        }
        const bool done = co_await drained_before(clock::now() + pause);
        if (done) break;
    }
    note_undone();
    end_round_trip();
    statements_.trim();
    channel_->shrink();
    abandoned_ = false;
    broken_ = !server_.foreign_encoding().empty();
    require_encoding();
}

// False: there is more to come. Throws timed_out at the deadline of the whole, after which it may be tried again.
io::op<bool> connection::drained_before(time_point moment) {
    io::task& self = co_await io::this_task();
    const time_point whole = self.deadline();
    const io::deadline_scope part(self, moment);
    try {
        co_await channel_->resume(replies_);
        while (replies_.wants_no_data()) {
            refuse_copy_data();
            co_await channel_->exchange(replies_);
        }
        co_return true;
    } catch (const timed_out&) {
        if (clock::now() >= whole) throw;
    } catch (const cancelled&) {
        throw;
    } catch (...) {
        broken_ = true;
        route_ = nullptr;
        throw;
    }
    co_return false;
}

// For close(): until the server has ended the connection. It cannot be reached where a request fails, and is not waited
// for any longer than it takes to notice.
io::op<void> connection::stop_abandoned() {
    const auto route = std::exchange(route_, nullptr);
    for (duration pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
        try {
            bool in_doubt = false; // of no account: nothing is run on this connection any more
            co_await route->request(in_doubt);
        } catch (const connection_error&) {
            co_return;
        } catch (const configuration_error&) {
            co_return; // a file of certificates is not there any more
        }
        const bool ended = co_await ended_before(clock::now() + pause);
        if (ended) co_return;
    }
}

io::op<bool> connection::ended_before(time_point moment) {
    io::task& self = co_await io::this_task();
    const time_point whole = self.deadline();
    const io::deadline_scope part(self, moment);
    try {
        co_await channel_->end();
        co_return true;
    } catch (const timed_out&) {
        if (clock::now() >= whole) throw;
    }
    co_return false;
}

} // namespace wharf::postgres
