#include "postgres/channel.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <array>
#include <string>

namespace wharf::postgres {

io::op<void> channel::exchange(reply_reader& replies) {
    return exchange_from(replies, !stream_->wait_first());
}

io::op<void> channel::resume(reply_reader& replies) {
    return exchange_from(replies, true);
}

io::op<void> channel::exchange_from(reply_reader& replies, bool may_read) {
    replies.process(in_);
    for (;;) {
        const progress now = advance(replies, may_read);
        if (now.done) co_return;
        if (now.wait) co_await io::wait(stream_->handle(), now.want);
        if (turn_is_up()) co_await io::yield();
        may_read = now.wait || !stream_->wait_first();
    }
}

// The server answers Terminate, and the end of what we send, by ending the stream. Errors mean that it has ended.
io::op<void> channel::end() {
    std::array<char, 4096> rest{};
    try {
        if (!ending_ && at_a_message_end()) {
            out_.begin(protocol::frontend_message::terminate, 0);
            co_await send();
        } else if (!ending_) {
            stream_->handle().end_writing(); // half a message cannot be taken back
        }
        ending_ = true;
        for (;;) {
            const io::io_result got = stream_->read(rest);
            if (got.end || got.error) co_return;
            if (got.waits()) co_await io::wait(stream_->handle(), got.wanted());
            if (turn_is_up()) co_await io::yield();
        }
    } catch (const connection_error&) {
        co_return; // while taking leave
    }
}

// Writes and reads what is possible at once. `may_read`: false where waiting first is cheaper.
channel::progress channel::advance(reply_reader& replies, bool may_read) {
    progress now;
    io::io_result put;
    if (!out_.empty() && !write_error_) {
        put = write_pending();
        write_error_ = put.error;
    }
    if (replies.is_held_up() || ((out_.empty() || write_error_) && replies.expected().empty())) {
        now.done = true;
        return now;
    }
    if (!may_read && !write_error_) {
        now.wait = put.bytes == 0 || out_.empty();
        now.want = out_.empty() ? io::interest::read : io::interest::either;
        return now;
    }
    const io::io_result got = stream_->read(replies.room(in_));
    if (got.bytes != 0) {
        in_.received(got.bytes);
        replies.process(in_);
        return now;
    }
    if (write_error_ && got.waits()) {
        io::io_result failed;
        failed.error = write_error_;
        io::throw_if_failed(*stream_, failed);
    }
    require_data(got);
    if (put.bytes != 0 && !out_.empty()) return now; // there may be room for more
    now.wait = true;
    now.want = got.wanted();
    if (put.waits() && put.wanted() != now.want) now.want = io::interest::either;
    return now;
}

io::io_result channel::write_pending() noexcept {
    const auto pending = protocol::as_text(out_.pending());
    const io::io_result put = stream_->write(pending);
    out_.consume(put.bytes);
    return put;
}

void channel::require_data(const io::io_result& got) const {
    io::throw_if_failed(*stream_, got);
    if (got.end) throw connection_lost("the server at " + std::string(stream_->peer()) + " closed the connection");
}

void channel::send_now() noexcept {
    if (!out_.empty() && !write_error_) write_error_ = write_pending().error;
}

io::op<void> channel::send() {
    while (!out_.empty()) {
        const io::io_result put = write_pending();
        io::throw_if_failed(*stream_, put);
        if (put.waits()) co_await io::wait(stream_->handle(), put.wanted());
    }
}

io::op<void> channel::receive(std::size_t wanted) {
    for (;;) {
        const io::io_result got = stream_->read(in_.room(wanted));
        require_data(got);
        if (got.bytes != 0) {
            in_.received(got.bytes);
            co_return;
        }
        co_await io::wait(stream_->handle(), got.wanted());
    }
}

} // namespace wharf::postgres
