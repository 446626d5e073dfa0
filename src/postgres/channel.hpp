// The bytes of one connection, both ways.
#pragma once

#include "postgres/protocol/outgoing_buffer.hpp"
#include "postgres/receive_buffer.hpp"
#include "postgres/reply_reader.hpp"
#include "wharf/io/op.hpp"
#include "wharf/io/stream.hpp"

#include <memory>
#include <span>
#include <system_error>

namespace wharf::postgres {

class channel {
public:
    explicit channel(std::unique_ptr<io::stream> connected) : stream_(std::move(connected)) {}

    /// Sends all of out() and receives until nothing is expected any more, or rows are held for whom they are for. It
    /// reads while it writes, so that two sides with more to say than sockets hold do not wait for each other. Throws
    /// connection_lost, protocol_violation, timed_out, cancelled.
    [[nodiscard]] io::op<void> exchange(reply_reader& replies);
    /// The same for an exchange that was given up half-way: what has arrived since is read before it waits, since a
    /// reactor has reported it already.
    [[nodiscard]] io::op<void> resume(reply_reader& replies);
    /// For a send_frame() that was given up: what is left of the frame, whose memory goes, is appended to out(). False:
    /// that is more than `most`.
    [[nodiscard]] bool keep_rest_of_frame(std::size_t most);
    /// Whether all of out() has been sent.
    [[nodiscard]] bool all_sent() const noexcept { return out_.empty() && !write_error_; }

    /// Takes leave, where there is nothing half-sent, and reads until the server has ended the stream. Throws nothing
    /// but timed_out and cancelled; may be called again after these.
    [[nodiscard]] io::op<void> end();

    /// The same, until `enough` has come of a COPY or nothing is expected any more.
    [[nodiscard]] io::op<void> exchange_until(reply_reader& replies, bool (*enough)(const copy_replies& copy) noexcept);
    /// Sends all of out() and then `frame`, which must outlive the op, and takes what arrives meanwhile. Ends early
    /// where nothing is expected any more, but never inside the frame.
    [[nodiscard]] io::op<void> send_frame(reply_reader& replies, std::span<const char> frame);
    /// Sends what can be sent without waiting; an error is left to the next exchange().
    void send_now() noexcept;

    /// For login, whose answers are read one by one: sends all of out().
    [[nodiscard]] io::op<void> send();
    /// Receives at least one byte towards a message of `wanted` bytes at the front.
    [[nodiscard]] io::op<void> receive(std::size_t wanted);

    /// Receives at least one byte of what the server says without being asked; or nothing, once `interrupt` is
    /// readable.
    [[nodiscard]] io::op<void> receive_unasked(reply_reader& replies, io::descriptor& interrupt);

    /// Takes what has arrived of that, without waiting.
    void take_unasked(reply_reader& replies);

    [[nodiscard]] protocol::outgoing_buffer& out() noexcept { return out_; }
    [[nodiscard]] receive_buffer& in() noexcept { return in_; }
    [[nodiscard]] io::stream& stream() noexcept { return *stream_; }
    void shrink() noexcept { in_.shrink(); }

private:
    /// Reads and writes after which an op lets others run, and looks whether its time is up. Waits are counted too:
    /// where there is always something to read they are over at once.
    static constexpr unsigned turns_between_yields = 16;

    struct progress {
        bool done{false};
        bool wait{false};
        io::interest want{io::interest::read};
    };

    [[nodiscard]] io::op<void> exchange_from(reply_reader& replies, bool may_read);
    /// Counts a turn; true once in so many.
    [[nodiscard]] bool turn_is_up() noexcept { return ++turns_ % turns_between_yields == 0; }
    [[nodiscard]] progress advance(reply_reader& replies, bool may_read);
    [[nodiscard]] progress push(reply_reader& replies);
    [[nodiscard]] io::io_result write_pending() noexcept;
    [[nodiscard]] bool at_a_message_end() const noexcept { return out_.empty() && frame_.empty(); }
    void require_data(const io::io_result& got) const;

    std::unique_ptr<io::stream> stream_;
    protocol::outgoing_buffer out_{};
    receive_buffer in_{};
    std::span<const char> frame_{}; // of the caller's, what is left to send; once given up only its size counts
    bool ending_{false};
    unsigned turns_{0};             // of all ops
    std::error_code write_error_{}; // kept back: the server's reason for it may be there to read
};

} // namespace wharf::postgres
