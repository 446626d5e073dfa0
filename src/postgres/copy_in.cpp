// COPY into the database.
#include "postgres/connection.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <utility>

namespace wharf::postgres {
namespace {

using direction = copy_request::direction;

// The server takes messages of 1 GiB, and bytes that belong together in any number of messages.
constexpr std::size_t largest_piece = std::size_t{16} << 20;

} // namespace

void connection::require_copy(direction where) const {
    require_usable();
    if (!copy_is_open() || copy_.where != where) throw usage_error("this COPY has ended");
}

io::op<void> connection::send_copy(std::span<char> frame) {
    require_copy(direction::in);
    co_await copy_through(send_pieces(frame));
    if (!copy_.open) rethrow_copy_error();
}

io::op<void> connection::send_pieces(std::span<char> frame) {
    while (frame.size() > frame_head && !replies_.skipping()) {
        const std::size_t size = std::min(frame.size() - frame_head, largest_piece);
        protocol::store_copy_data_head(reinterpret_cast<std::byte*>(frame.data()), size);
        co_await channel_->send_frame(replies_, frame.first(frame_head + size));
        frame = frame.subspan(size); // the next head takes the place of bytes that have been sent
    }
    if (replies_.skipping()) co_await end_copy();
}

io::op<std::uint64_t> connection::finish_copy() {
    require_copy(direction::in);
    if (copy_.rows) protocol::encode_copy_data(channel_->out(), protocol::as_bytes(protocol::copy_trailer));
    protocol::encode_copy_done(channel_->out());
    co_await copy_through(end_copy());
    rethrow_copy_error();
    co_return copy_.item().affected;
}

io::op<void> connection::fail_copy(std::string_view reason) {
    require_usable();
    if (!copy_.open) co_return;
    copy_.commits = false;
    protocol::encode_copy_fail(channel_->out(), reason);
    co_await copy_through(end_copy());
}

io::op<void> connection::end_copy() {
    writer_.sync(copy_.index(), copy_.commits && !replies_.skipping());
    co_await channel_->exchange(replies_);
    end_round_trip();
    copy_.open = false;
    channel_->shrink();
}

void connection::rethrow_copy_error() {
    if (copy_.item().error) std::rethrow_exception(std::exchange(copy_.item().error, nullptr));
}

// Ends a COPY that its caller has left open.
io::op<void> connection::settle_copy() {
    if (!copy_.abandoned)
        throw usage_error("a COPY is open on this connection: finish it, or let go of it, before the next statement");
    if (copy_.where == direction::in)
        co_await fail_copy("its client gave up");
    else
        co_await drain_copy();
}

} // namespace wharf::postgres
