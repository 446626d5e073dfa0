// A stream of bytes over a socket, and the ops that move bytes through one.
//
//   auto server = co_await connect_tcp("db.example.org", 5432);
//   co_await write_all(*server, request);
//   const auto count = co_await read_some(*server, buffer);      // 0: the peer has ended the stream
//
// A stream never waits: it does what is possible at once and says what it wants. Only that leads to a wait, since a TLS
// stream may hold bytes that the descriptor knows nothing of.
#pragma once

#include "wharf/io/descriptor.hpp"
#include "wharf/io/op.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>

namespace wharf::io {

/// What a read or a write could do at once. Exactly one of these holds: bytes > 0; a want; end; error.
struct io_result {
    std::size_t bytes{0};
    bool want_read{false};  ///< nothing done: try again once the descriptor is readable
    bool want_write{false}; ///< nothing done: try again once it is writable
    bool end{false};        ///< read only: the peer has ended the stream; it said so itself (no truncation)
    bool cut{false};        ///< read only, together with `error`: it has ended without saying so (TLS)
    std::error_code error{};

    [[nodiscard]] bool waits() const noexcept { return want_read || want_write; }
    /// What to wait for. Valid where waits().
    [[nodiscard]] interest wanted() const noexcept {
        if (want_read && want_write) return interest::either;
        return want_write ? interest::write : interest::read;
    }
};

/// A connected stream of bytes. One thread at a time, but for shut_down(). Never raises SIGPIPE.
class stream {
public:
    stream() = default;
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    virtual ~stream() = default;

    /// Reads what is there, at most `into.size()` bytes, which is not 0.
    [[nodiscard]] virtual io_result read(std::span<char> into) noexcept = 0;
    /// Writes what fits. After a want the same bytes must be offered again (TLS has a record of them under way).
    [[nodiscard]] virtual io_result write(std::span<const char> from) noexcept = 0;

    /// What to wait on.
    [[nodiscard]] virtual descriptor& handle() noexcept = 0;
    /// True where waiting before the next read is cheaper than trying (a Unix socket) and safe: nothing is held back,
    /// and the last read took all there was. An edge-triggered reactor would not report the rest again.
    [[nodiscard]] virtual bool wait_first() const noexcept = 0;
    /// Ends both directions at once, without waiting: whoever waits on the descriptor wakes. Any thread.
    virtual void shut_down() noexcept = 0;
    /// The other end, for messages: "host:port" or a path.
    [[nodiscard]] virtual std::string_view peer() const noexcept = 0;
};

/// Throws connection_lost, naming the peer, where `result` is an error.
void throw_if_failed(const stream& on, const io_result& result);

/// Reads at least one byte; 0 means that the peer has ended the stream. Throws connection_lost, timed_out, cancelled.
[[nodiscard]] op<std::size_t> read_some(stream& from, std::span<char> into);

/// Writes all of `bytes`, which must outlive the op. Throws connection_lost, timed_out, cancelled.
[[nodiscard]] op<void> write_all(stream& to, std::span<const char> bytes);

/// Where transfer() leaves what arrives while it writes.
class receiver {
public:
    receiver() = default;
    receiver(const receiver&) = delete;
    receiver& operator=(const receiver&) = delete;
    virtual ~receiver() = default;

    /// Room for the next bytes, never empty. May throw: then the transfer ends with that exception.
    [[nodiscard]] virtual std::span<char> space() = 0;
    /// The first `count` bytes of the last space() have been filled.
    virtual void received(std::size_t count) = 0;
};

/// Writes all of `bytes`, taking in whatever arrives as long as writing would block, so that two peers that both write
/// more than the socket holds do not wait for each other. False when the peer ended the stream, or the connection
/// failed, before all was written: what it sent before, perhaps the reason, is with `arrived`. Throws timed_out,
/// cancelled.
[[nodiscard]] op<bool> transfer(stream& with, std::span<const char> bytes, receiver& arrived);

} // namespace wharf::io
