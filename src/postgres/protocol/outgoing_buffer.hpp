// The bytes that are to be sent, and the writer of one message into them.
//
//   body_writer body = outgoing.begin(frontend_message::query, string_size(sql));
//   body.string(sql);
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/message_types.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf::postgres::protocol {

/// PostgreSQL takes no larger message: its MaxAllocSize is 1 GiB - 1.
inline constexpr std::uint64_t max_outgoing_message = 0x3fff'ffff;

/// Writes into room that was reserved for exactly one message; the caller has counted the bytes.
class body_writer {
public:
    explicit body_writer(std::byte* at) noexcept : at_(at) {}

    template <std::integral Integer>
    body_writer& integer(Integer value) noexcept {
        store_big_endian(at_, value);
        at_ += sizeof value;
        return *this;
    }
    body_writer& character(char value) noexcept {
        *at_++ = static_cast<std::byte>(value);
        return *this;
    }
    body_writer& bytes(bytes_view value) noexcept {
        if (!value.empty()) std::memcpy(at_, value.data(), value.size());
        at_ += value.size();
        return *this;
    }
    /// The text and the NUL that ends it. string_size() has refused a NUL inside.
    body_writer& string(std::string_view value) noexcept { return bytes(as_bytes(value)).character('\0'); }

private:
    std::byte* at_;
};

/// The size of `text` in a message, with its NUL. Throws usage_error when it holds one itself; `what` names the field.
[[nodiscard]] std::uint64_t string_size(std::string_view text, std::string_view what);

class outgoing_buffer {
public:
    /// Reserves a message whose body is `body_size` bytes and writes its head. Throws usage_error when it is larger
    /// than the server takes, before a byte is written.
    body_writer begin(frontend_message type, std::uint64_t body_size) {
        return begin(static_cast<char>(type), body_size);
    }
    body_writer begin(backend_message type, std::uint64_t body_size) {
        return begin(static_cast<char>(type), body_size);
    }
    /// A message without a type byte: startup, SSLRequest, CancelRequest.
    body_writer begin_untyped(std::uint64_t body_size);
    /// The same for a message of which `borrowed` bytes are somewhere else: insert() has to follow, once they are
    /// reached.
    body_writer begin_around(frontend_message type, std::uint64_t body_size, std::uint64_t borrowed);
    /// Puts bytes that stay where they are in front of the last `behind` bytes. They have to outlive the sending,
    /// unless keep() follows.
    void insert(bytes_view bytes, std::size_t behind);
    /// The text whose bytes were inserted last is kept until they have been sent.
    void keep(std::string text) { pieces_.back().owner = std::move(text); }
    /// So many bytes are not worth a copy.
    static constexpr std::size_t smallest_borrowed = std::size_t{256} << 10;

    /// Bytes that are no message: the server's one-byte answer to SSLRequest.
    void append(bytes_view bytes);

    /// What is to be sent next: all, or up to where another piece of memory begins.
    [[nodiscard]] bytes_view pending() const noexcept {
        const bytes_view own{data_.get() + begin_, end_ - begin_};
        return pieces_.empty() ? own : pending_piece(own);
    }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_ && pieces_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_ + inserted_; }
    /// Of its own memory.
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    /// Bytes ever written into the buffer: where the next message begins in the stream.
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
    /// Bytes ever taken out of it.
    [[nodiscard]] std::uint64_t consumed() const noexcept { return written_ - size(); }

    /// `size` bytes from the front have been sent. A buffer that has become empty gives back memory beyond 1 MiB.
    void consume(std::size_t size) noexcept;
    /// Takes back everything after the first `size` pending bytes.
    void truncate(std::size_t size) noexcept;
    void clear() noexcept { consume(size()); }
    /// Overwrites what has been sent: a password was among it. For a buffer that is empty.
    void wipe() noexcept;

private:
    struct piece {
        std::uint64_t at; // in the stream
        bytes_view bytes;
        std::string owner{}; // empty: somebody else's
    };

    body_writer begin(char type, std::uint64_t body_size);
    std::byte* grow(std::uint64_t size);
    [[nodiscard]] bytes_view pending_piece(bytes_view own) const noexcept;
    void consume_pieces(std::size_t size) noexcept;

    std::unique_ptr<std::byte[]> data_{};
    std::vector<piece> pieces_{}; // that are not in data_, in order
    std::size_t inserted_{0};     // their bytes that have not been sent
    std::size_t capacity_{0};
    std::size_t begin_{0};
    std::size_t end_{0};
    std::uint64_t written_{0};
};

} // namespace wharf::postgres::protocol
