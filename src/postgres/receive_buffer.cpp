#include "postgres/receive_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace wharf::postgres {
namespace {

// A read into less room than this is not worth its system call.
constexpr std::size_t least_room = 2048;

} // namespace

bool receive_buffer::room_moves(std::size_t wanted) const noexcept {
    return capacity_ - end_ < least_room || wanted > capacity_ - begin_;
}

std::span<char> receive_buffer::room(std::size_t wanted) {
    if (empty() && !pinned_) begin_ = end_ = 0;
    if (room_moves(wanted)) {
        const std::size_t held = end_ - begin_;
        const std::size_t believed = std::min(wanted, held * 2);
        const std::size_t capacity = std::max({next_capacity_, believed, held + least_room});
        if (capacity > capacity_) {
            move_to(capacity);
        } else if (begin_ != 0) {
            std::memmove(chunk_.get(), chunk_.get() + begin_, held);
            begin_ = 0;
            end_ = held;
        }
    }
    return {chunk_.get() + end_, capacity_ - end_};
}

void receive_buffer::received(std::size_t size) noexcept {
    end_ += size;
    if (end_ == capacity_) next_capacity_ = std::min(std::max(next_capacity_, capacity_) * 2, usual_capacity);
}

std::unique_ptr<char[]> receive_buffer::surrender() {
    auto given = std::move(chunk_);
    const std::size_t held = end_ - begin_;
    const std::size_t capacity = std::max(next_capacity_, held + least_room);
    chunk_ = std::make_unique_for_overwrite<char[]>(capacity);
    if (held != 0) std::memcpy(chunk_.get(), given.get() + begin_, held);
    capacity_ = capacity;
    begin_ = 0;
    end_ = held;
    pinned_ = false;
    return given;
}

void receive_buffer::shrink() noexcept {
    if (!empty() || pinned_ || capacity_ <= usual_capacity) return;
    chunk_.reset();
    capacity_ = begin_ = end_ = 0;
    next_capacity_ = first_capacity;
}

void receive_buffer::move_to(std::size_t capacity) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    const std::size_t held = end_ - begin_;
    if (held != 0) std::memcpy(larger.get(), chunk_.get() + begin_, held);
    chunk_ = std::move(larger);
    capacity_ = capacity;
    begin_ = 0;
    end_ = held;
}

} // namespace wharf::postgres
