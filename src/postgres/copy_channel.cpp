// The bytes of a COPY, both ways.
#include "postgres/channel.hpp"
#include "wharf/io/waits.hpp"

namespace wharf::postgres {

io::op<void> channel::exchange_until(reply_reader& replies, bool (*enough)(const copy_replies& copy) noexcept) {
    replies.process(in_);
    bool waited = false;
    // What has come is looked at before anything more is read: it lies in the buffer that a read may move.
    while (!enough(replies.copy())) {
        if (turn_is_up()) co_await io::yield();
        const progress now = advance(replies, waited || !stream_->wait_first());
        if (now.done) co_return;
        if (now.wait) co_await io::wait(stream_->handle(), now.want);
        waited = now.wait;
    }
}

io::op<void> channel::send_frame(reply_reader& replies, std::span<const char> frame) {
    if (turn_is_up()) co_await io::yield(); // before there is anything of it to be left half-sent
    frame_ = frame;
    for (;;) {
        const progress now = push(replies);
        if (now.done) break;
        if (now.wait) co_await io::wait(stream_->handle(), now.want);
        if (turn_is_up()) co_await io::yield();
    }
    frame_ = {};
    if (write_error_) co_await exchange(replies); // the server's reason may be there to read
}

bool channel::keep_rest_of_frame(std::size_t most) {
    if (frame_.size() > most) return false;
    out_.append(std::as_bytes(frame_)); // as it is: TLS may have a record of it under way
    frame_ = {};
    return true;
}

// Writes what is possible at once. Where that is nothing, and once at the end, it reads: the server says at once what
// is wrong with the data, and writes no more while nobody reads its notices.
channel::progress channel::push(reply_reader& replies) {
    progress now;
    io::io_result put;
    if (!out_.empty()) {
        put = write_pending();
    } else if (!frame_.empty()) {
        put = stream_->write(frame_);
        frame_ = frame_.subspan(put.bytes);
    }
    write_error_ = put.error;
    now.done = write_error_ || (out_.empty() && frame_.empty());
    if (write_error_ || (put.bytes != 0 && !now.done)) return now;

    const io::io_result got = stream_->read(replies.room(in_));
    if (got.bytes != 0) {
        in_.received(got.bytes);
        replies.process(in_);
        return now;
    }
    require_data(got);
    now.wait = !now.done;
    now.want = put.wanted() == got.wanted() ? put.wanted() : io::interest::either;
    return now;
}

} // namespace wharf::postgres
