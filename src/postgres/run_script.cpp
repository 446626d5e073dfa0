// Running a script on a connection.
#include "postgres/connection.hpp"
#include "postgres/protocol/simple_query.hpp"
#include "postgres/script_reader.hpp"
#include "wharf/base/error.hpp"

#include <utility>

namespace wharf::postgres {

io::op<script_outcome> connection::run_script(std::string_view text, script_options options) {
    require_usable();
    if (text.find('\0') != std::string_view::npos) throw usage_error("the text of a script holds a NUL byte");
    if (copy_.open) co_await settle_copy();
    if (!settled()) co_await settle();
    in_flight flight(*this);
    const std::span<batch_item> nothing;
    if (rest_of_stream_ || reset_pending_) co_await run_through(nothing, nullptr, flight);
    script_outcome out;
    script_reader reader(text, options, out, statements_);
    if (reset_pending_) { // a canceller has hit the reset, and with it what was to follow
        reader.fail(*replies_.own_failure());
        flight.landed();
        co_return std::move(out);
    }
    replies_.start({});
    replies_.read_script(reader);
    std::exception_ptr failure;
    try {
        write_closing();
        traces_ = true;
        writer_.script(text);
        if (server_.observer() != nullptr) server_.observer()->on_statement(text, 0);
        co_await channel_->exchange(replies_);
        while (replies_.wants_no_data()) {
            refuse_copy_data();
            co_await channel_->exchange(replies_);
        }
        end_round_trip();
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) give_up(failure);
    counters_.statements += out.results.size() + (out.error ? 1 : 0);
    end_run();
    land(flight);
    co_return std::move(out);
}

} // namespace wharf::postgres
