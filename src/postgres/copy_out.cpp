// COPY out of the database.
#include "postgres/connection.hpp"
#include "wharf/base/error.hpp"

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
    co_await copy_through(receive_pieces());
    if (!copy_.open) {
        channel_->shrink();
        rethrow_copy_error();
    }
    co_return std::span<const std::string_view>(copy_.pieces);
}

io::op<void> connection::receive_pieces() {
    copy_.pieces.clear();
    copy_.splitter.forget();
    while (copy_.open && copy_.pieces.empty()) {
        if (std::exchange(copy_.handed_out, true)) replies_.copy().data.clear();
        co_await channel_->exchange_until(replies_, has_data);
        take_pieces();
    }
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
    co_await copy_through(read_rest_of_copy());
    if (copy_.open) {
        abandon();
        co_await settle();
    }
    channel_->shrink();
}

// Short rests are read, which leaves a transaction as it is. Others are cancelled, where that is wanted and possible.
io::op<void> connection::read_rest_of_copy() {
    std::size_t drained = 0;
    while (copy_.open) {
        co_await channel_->exchange_until(replies_, has_data);
        copy_.open = has_data(replies_.copy());
        for (const std::string_view message : replies_.copy().data)
            drained += message.size();
        replies_.copy().data.clear();
        if (drained <= most_drained) continue;
        if (when_given_up_ == cancellation::cancel_and_drain && can_be_abandoned()) co_return;
        throw connection_lost("a COPY of which too much was left to be read was given up, and with it its "
                              "connection; read it to its end, ask for fewer rows, or choose cancel_and_drain");
    }
}

} // namespace wharf::postgres
