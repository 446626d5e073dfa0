// Cuts received bytes into messages. The length of a message is checked before anything is reserved for it.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/message_types.hpp"

#include <cstddef>
#include <cstdint>

namespace wharf::postgres::protocol {

/// One received message; `body` points into the bytes it was cut from.
struct frame {
    backend_message type{};
    bytes_view body{};
};

inline constexpr std::size_t frame_head_size = 5;
inline constexpr std::size_t default_message_limit = std::size_t{256} << 20;

/// What stands at the front of some received bytes.
struct frame_status {
    bool complete{};
    std::size_t size{}; ///< of the whole message with its head; where the head itself is cut off, frame_head_size
};

/// Throws protocol_violation when the length is below 4 or above `limit` bytes.
[[noreturn]] void throw_bad_length(backend_message type, std::int32_t length, std::size_t limit);

[[nodiscard]] inline frame_status look_at_frame(bytes_view received, std::size_t limit) {
    if (received.size() < frame_head_size) return {false, frame_head_size};
    const auto length = load_big_endian<std::int32_t>(received.data() + 1);
    if (length < 4 || static_cast<std::size_t>(length) > limit)
        throw_bad_length(static_cast<backend_message>(received[0]), length, limit);
    const std::size_t size = static_cast<std::size_t>(length) + 1;
    return {received.size() >= size, size};
}

/// The message at the front of `received`, whose status is complete.
[[nodiscard]] inline frame cut_frame(bytes_view received, frame_status status) noexcept {
    return {static_cast<backend_message>(received[0]),
            received.subspan(frame_head_size, status.size - frame_head_size)};
}

} // namespace wharf::postgres::protocol
