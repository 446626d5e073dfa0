// DataRow: the cells of one row, each a length and its bytes. Source: PostgreSQL documentation, 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace wharf::postgres::protocol {

void encode_data_row(outgoing_buffer& out, std::span<const std::optional<bytes_view>> cells);

[[noreturn]] void throw_bad_row(std::size_t announced, std::size_t found);
[[noreturn]] void throw_bad_cell();

inline constexpr std::uint32_t null_length = 0xffff'ffff; // -1; no message is as long

/// Checks that `body` is a row of `columns` cells that fill it exactly, so that readers of the row need not check
/// again. A plain loop: it runs once for every row received.
inline void check_data_row(bytes_view body, std::size_t columns) {
    if (body.size() < 2) throw_bad_cell();
    const std::size_t count = load_big_endian<std::uint16_t>(body.data());
    if (count != columns) throw_bad_row(columns, count);
    const std::byte* at = body.data() + 2;
    const std::byte* const end = body.data() + body.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (end - at < 4) throw_bad_cell();
        const auto length = load_big_endian<std::uint32_t>(at);
        at += 4;
        if (length <= static_cast<std::size_t>(end - at))
            at += length;
        else if (length != null_length)
            throw_bad_cell();
    }
    if (at != end) throw_bad_cell();
}

} // namespace wharf::postgres::protocol
