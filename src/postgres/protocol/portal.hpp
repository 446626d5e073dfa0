// Describe, Execute and Close, on statements and portals. Source: PostgreSQL documentation, 55.2.3 and 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/message_types.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <cstdint>
#include <string_view>

namespace wharf::postgres::protocol {

struct target_name {
    target what{target::statement};
    std::string_view name{};
};

void encode_describe(outgoing_buffer& out, target what, std::string_view name);
void encode_close(outgoing_buffer& out, target what, std::string_view name);
/// Decodes the body of Describe or Close.
[[nodiscard]] target_name decode_target(bytes_view body);

struct execute_message {
    std::string_view portal{};
    std::int32_t row_limit{0}; ///< 0: all rows
};

void encode(outgoing_buffer& out, const execute_message& message);
[[nodiscard]] execute_message decode_execute(bytes_view body);

} // namespace wharf::postgres::protocol
