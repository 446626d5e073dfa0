// The rows among the answers. They come in runs; a run is checked in one plain loop, then kept in one piece.
#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/data_row.hpp"
#include "postgres/reply_reader.hpp"
#include "wharf/base/error.hpp"

#include <cstring>

namespace wharf::postgres {
namespace {

// A result copies its rows until they are this large; from then on it keeps the chunks in which they arrive.
constexpr std::size_t largest_copy = std::size_t{48} << 10;

} // namespace

batch_item& reply_reader::item_of(const expected_reply& reply) const noexcept {
    return reply.item == expected_reply::lookup_item ? types_.answer() : items_[reply.item];
}

result* reply_reader::rows_of(const expected_reply& reply) const noexcept {
    if (reply.item == expected_reply::no_item || reply.statement == nullptr) return nullptr;
    return item_of(reply).rows;
}

void reply_reader::take_rows(receive_buffer& arrived) {
    using protocol::backend_message;
    if (expected_.empty() || expected_.front().what != expected_reply::kind::execute)
        protocol::throw_violation("DataRow", "came out of turn");
    const expected_reply& reply = expected_.front();
    const result_shape* shape = nullptr;
    if (reply.statement != nullptr) {
        shape = reply.statement->shape.get();
        if (shape == nullptr) protocol::throw_violation("DataRow", "came from a statement that returns no rows");
    }

    const std::size_t columns = shape == nullptr ? 0 : shape->columns.size();
    row_starts_.clear();
    std::size_t size = 0;
    for (protocol::bytes_view rest = arrived.readable();;) {
        const auto status = protocol::look_at_frame(rest, message_limit_);
        if (!status.complete || static_cast<backend_message>(rest[0]) != backend_message::data_row) break;
        const auto body = protocol::cut_frame(rest, status).body;
        if (shape != nullptr) protocol::check_data_row(body, columns);
        row_starts_.push_back(protocol::as_text(body).data());
        rest = rest.subspan(status.size);
        size += status.size;
    }
    if (reply.dropped) {
        drop_rows(size);
    } else if (reply.item == held_item_ && reply.item != expected_reply::no_item) {
        holding_ = true;
    } else {
        keep_rows(arrived, size);
    }
    arrived.consume(size);
    if (holding_ && reply.limited) take_suspension(arrived);
}

// Seen at once, so that the next rows can be asked for while these are being used.
void reply_reader::take_suspension(receive_buffer& arrived) {
    const auto status = protocol::look_at_frame(arrived.readable(), message_limit_);
    if (!status.complete) return;
    const auto message = protocol::cut_frame(arrived.readable(), status);
    if (message.type != protocol::backend_message::portal_suspended) return;
    handle(message);
    arrived.consume(status.size);
}

void reply_reader::drop_rows(std::size_t size) {
    if (size > droppable_)
        throw connection_lost("a stream of rows was left half-way, and the rest was too long to be read to its end; "
                              "streams with a fetch size can be left at any time");
    droppable_ -= size;
}

void reply_reader::drop_expected(std::size_t limit) noexcept {
    for (expected_reply& reply : expected_) {
        reply.item = expected_reply::no_item;
        reply.dropped = true;
        reply.commits = false;
    }
    droppable_ = limit;
    holding_ = false;
}

void reply_reader::go_on_with(batch_item& only) noexcept {
    for (expected_reply& reply : expected_)
        if (reply.item != expected_reply::no_item) reply.item = 0;
    items_ = std::span(&only, 1);
    unit_ = {};
    held_item_ = 0;
}

void reply_reader::keep_rows(receive_buffer& arrived, std::size_t size) {
    result* const rows = rows_of(expected_.front());
    if (rows == nullptr) return;
    const char* from = arrived.data();
    if (!arrived.pinned() && kept_size_ + size > largest_copy) arrived.pin();
    if (!arrived.pinned()) {
        char* const copy = rows->allocate(size);
        std::memcpy(copy, from, size);
        kept_size_ += size;
        from = copy;
    }
    rows->add_rows(row_starts_, from - arrived.data());
}

void reply_reader::end_rows(receive_buffer& arrived) {
    result* const rows = expected_.empty() ? nullptr : rows_of(expected_.front());
    auto chunk = arrived.surrender();
    if (rows != nullptr) rows->adopt(std::move(chunk));
}

void reply_reader::finish(const receive_buffer& arrived) noexcept {
    result* const rows = arrived.pinned() && !expected_.empty() ? rows_of(expected_.front()) : nullptr;
    if (rows != nullptr) rows->clear();
    items_ = {};
    unit_ = {};
}

void reply_reader::forget_items() noexcept {
    items_ = {};
    unit_ = {};
    holding_ = false;
    for (expected_reply& reply : expected_)
        reply.item = expected_reply::no_item;
}

std::span<char> reply_reader::room(receive_buffer& arrived) {
    if (arrived.pinned() && arrived.room_moves(wanted_)) end_rows(arrived);
    return arrived.room(wanted_);
}

} // namespace wharf::postgres
