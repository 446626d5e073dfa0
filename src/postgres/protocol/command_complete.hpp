// CommandComplete: what a statement was and how many rows it touched. Source: PostgreSQL documentation, 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <cstdint>
#include <string_view>

namespace wharf::postgres::protocol {

void encode_command_complete(outgoing_buffer& out, std::string_view tag);
/// The tag, for example "INSERT 0 3".
[[nodiscard]] std::string_view decode_command_complete(bytes_view body);

/// The last number in a tag ("INSERT 0 3": 3, "SELECT 2": 2, "BEGIN": 0); 0 too for a number beyond 64 bits.
[[nodiscard]] std::uint64_t affected_rows(std::string_view tag) noexcept;

} // namespace wharf::postgres::protocol
