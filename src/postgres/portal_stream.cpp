#include "postgres/portal_stream.hpp"
#include "postgres/given_up.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <limits>
#include <utility>

namespace wharf::postgres {
namespace {

// So much is read to save a connection whose stream was left; a longer rest costs more than a new connection.
constexpr std::size_t longest_rest = std::size_t{1} << 20;

} // namespace

io::op<std::unique_ptr<row_stream>> connection::open_rows(std::span<batch_item> items, stream_options options) {
    require_usable();
    if (copy_.open) co_await settle_copy();
    if (!settled()) co_await settle();
    const io::task& self = co_await io::this_task();
    in_flight flight(*this, self.when_given_up().value_or(when_given_up_));
    open_portal portal;
    portal.options = options;
    co_await run_through(items, &portal, flight);
    std::unique_ptr<row_stream> opened;
    if (portal.statement != nullptr) {
        opened = std::make_unique<portal_stream>(*this, items.back().sql, portal);
        flight.hand_over();
        co_return std::move(opened);
    }
    if (!items.back().error) {
        result no_rows;
        no_rows.set_shape(statements_.get(items.back().sql).shape);
        opened = make_row_stream(std::move(no_rows));
    }
    end_run();
    land(flight);
    co_return std::move(opened);
}

connection::portal_stream::portal_stream(connection& on, std::string_view sql, const open_portal& portal)
    : on_(on), sql_(sql), portal_(portal), shape_(portal.statement->shape), untaken_(on.replies_.holds_rows()) {
    if (!shape_) shape_ = std::make_shared<const result_shape>();
    item_.sql = sql_;
    on_.replies_.go_on_with(item_);
    fetch_ahead();
}

io::op<row_chunk> connection::portal_stream::next() {
    row_chunk chunk;
    if (over_ || reading_) co_return chunk;
    if (!std::exchange(untaken_, false)) {
        const io::task& self = co_await io::this_task();
        in_flight flight(on_, self.when_given_up().value_or(on_.when_given_up_));
        reading_ = true; // until all has gone well
        on_.replies_.release_rows();
        co_await read(flight);
        reading_ = false;
        flight.hand_over();
    }
    if (on_.replies_.holds_rows()) {
        chunk = on_.replies_.held_rows();
        co_return chunk;
    }
    over_ = true;
    on_.replies_.finish(on_.channel_->in());
    on_.end_run();
    on_.require_encoding();
    on_.broken_ = false;
    if (item_.error) std::rethrow_exception(item_.error);
    co_return chunk;
}

io::op<void> connection::portal_stream::read(in_flight& flight) {
    std::exception_ptr failure;
    try {
        do {
            co_await on_.channel_->exchange(on_.replies_);
        } while (!on_.replies_.holds_rows() && ask_for_more());
        if (on_.replies_.holds_rows()) fetch_ahead();
    } catch (...) {
        failure = std::current_exception();
        if (!was_given_up(failure)) flight.lost();
    }
    if (failure) on_.give_up(failure);
}

// All that was asked has been answered. False: and there is nothing left to ask.
bool connection::portal_stream::ask_for_more() {
    if (on_.replies_.take_suspended()) {
        on_.writer_.execute_more(*portal_.statement, 0, portal_.options.fetch_size);
        on_.writer_.flush();
        on_.end_round_trip();
        return true;
    }
    if (portal_.synced) return false;
    write_end();
    on_.end_round_trip();
    return true;
}

void connection::portal_stream::fetch_ahead() {
    if (!on_.replies_.take_suspended()) return;
    on_.writer_.execute_more(*portal_.statement, 0, portal_.options.fetch_size);
    on_.writer_.flush();
    on_.channel_->send_now();
    on_.end_round_trip();
}

void connection::portal_stream::write_end() {
    if (!on_.replies_.skipping()) on_.writer_.close_portal();
    on_.writer_.sync(0, portal_.commits);
    portal_.synced = true;
}

void connection::portal_stream::leave() noexcept {
    if (over_ || reading_) return;
    over_ = true;
    const bool by_fetch_size = portal_.options.fetch_size != 0;
    try {
        if (!portal_.synced) write_end();
    } catch (...) {
        return; // no memory for it: the connection stays unusable
    }
    on_.replies_.drop_expected(by_fetch_size ? std::numeric_limits<std::size_t>::max() : longest_rest);
    on_.replies_.finish(on_.channel_->in());
    on_.rest_of_stream_ = !by_fetch_size;
    on_.broken_ = false;
}

io::op<void> connection::take_rest_of_stream() {
    co_await channel_->exchange(replies_);
    end_round_trip();
    rest_of_stream_ = false;
}

} // namespace wharf::postgres
