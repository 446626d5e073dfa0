// What has arrived and has not been used up. The memory is one chunk at a time, which can be given away: a large result
// keeps its rows where they arrived.
#pragma once

#include "postgres/protocol/bytes.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace wharf::postgres {

class receive_buffer {
public:
    [[nodiscard]] protocol::bytes_view readable() const noexcept {
        return {reinterpret_cast<const std::byte*>(chunk_.get()) + begin_, end_ - begin_};
    }
    [[nodiscard]] const char* data() const noexcept { return chunk_.get() + begin_; }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

    /// `size` bytes from the front have been used. They stay where they are until room() or surrender().
    void consume(std::size_t size) noexcept { begin_ += size; }

    /// Whether room(wanted) would move or free bytes that have been consumed.
    [[nodiscard]] bool room_moves(std::size_t wanted) const noexcept;
    /// Promises not to reuse the chunk before surrender(): somebody points into it.
    void pin() noexcept { pinned_ = true; }
    [[nodiscard]] bool pinned() const noexcept { return pinned_; }
    /// Room for at least one byte towards a message of `wanted` bytes at the front. A claim is not believed: memory
    /// grows at most to twice what has arrived. Precondition: not pinned, or room_moves(wanted) is false.
    [[nodiscard]] std::span<char> room(std::size_t wanted);
    /// The first `size` bytes of the last room() have been filled.
    void received(std::size_t size) noexcept;

    /// Gives away the chunk. What has not been consumed moves to a new one.
    [[nodiscard]] std::unique_ptr<char[]> surrender();
    /// Frees memory that only a large message needed. Call between uses.
    void shrink() noexcept;

private:
    void move_to(std::size_t capacity);

    std::unique_ptr<char[]> chunk_{};
    std::size_t capacity_{0};
    std::size_t begin_{0};
    std::size_t end_{0};
    bool pinned_{false};
    std::size_t next_capacity_{first_capacity}; // doubles when a read fills all the room there was

    static constexpr std::size_t first_capacity = std::size_t{8} << 10;
    static constexpr std::size_t usual_capacity = std::size_t{120} << 10; // below malloc's threshold for mmap
};

} // namespace wharf::postgres
