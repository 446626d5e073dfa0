// COPY out of the database.
#include "postgres/connection.hpp"
#include "wharf/base/error.hpp"

#include <exception>
#include <utility>

namespace wharf::postgres {
namespace {

using direction = copy_request::direction;

// Of a COPY that was left half-way. To read more than this would cost more than another connection.
constexpr std::size_t most_drained = std::size_t{1} << 20;

bool has_data(const copy_replies& copy) noexcept {
    return !copy.data.empty();
}

} // namespace

io::op<std::span<const std::string_view>> connection::receive_copy() {
    require_copy(direction::out);
    in_flight flight(*this);
    std::exception_ptr failure;
    replies_.start(copy_.items);
    copy_.pieces.clear();
    copy_.splitter.forget();
    try {
        while (copy_.open && copy_.pieces.empty()) {
            if (std::exchange(copy_.handed_out, true)) replies_.copy().data.clear();
            co_await channel_->exchange_until(replies_, has_data);
            take_pieces();
        }
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) give_up(failure);
    flight.landed();
    if (!copy_.open) {
        channel_->shrink();
        rethrow_copy_error();
    }
    co_return std::span<const std::string_view>(copy_.pieces);
}

void connection::take_pieces() {
    std::vector<std::string_view>& data = replies_.copy().data;
    if (data.empty()) {
        copy_.open = false;
        if (copy_.rows && !copy_.item().error) copy_.splitter.finish();
    } else if (copy_.rows) {
        for (const std::string_view message : data)
            copy_.splitter.take(message, copy_.pieces);
    } else {
        copy_.pieces.swap(data);
    }
}

io::op<void> connection::drain_copy() {
    in_flight flight(*this);
    replies_.start(copy_.items);
    std::size_t drained = 0;
    while (copy_.open) {
        co_await channel_->exchange_until(replies_, has_data);
        copy_.open = has_data(replies_.copy());
        for (const std::string_view message : replies_.copy().data)
            drained += message.size();
        replies_.copy().data.clear();
        if (drained > most_drained)
            throw connection_lost("a COPY of which too much was left to be read was given up, and with it its "
                                  "connection; read it to its end, or ask for fewer rows");
    }
    channel_->shrink();
    flight.landed();
}

} // namespace wharf::postgres
