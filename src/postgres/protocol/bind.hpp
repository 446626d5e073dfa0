// Bind: the parameters of one execution. Source: PostgreSQL documentation, 55.2.3 and 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/message_types.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wharf::postgres::protocol {

struct bind_message {
    std::string_view portal{}; ///< empty: the unnamed portal
    std::string_view statement{};
    std::span<const format_code> parameter_formats{}; ///< none: all binary; else one each
    std::size_t parameter_count{};
    bytes_view parameters{};                       ///< for each an int32 length (-1: NULL) and that many bytes
    std::span<const format_code> result_formats{}; ///< none: all text; one: for all columns; else one each
};

/// Throws usage_error for more than max_parameters values, or a message larger than the server takes, before a byte is
/// written. Parameters from outgoing_buffer::smallest_borrowed on are not copied, and so have to outlive the sending.
void encode(outgoing_buffer& out, const bind_message& message);

/// One parameter's value on the wire.
struct bind_value {
    bytes_view data{};
    bool null{false};
    format_code format{format_code::binary};
};

struct received_bind {
    std::string_view portal{};
    std::string_view statement{};
    std::vector<bind_value> values{};
    std::vector<format_code> result_formats{};
};
[[nodiscard]] received_bind decode_bind(bytes_view body);

} // namespace wharf::postgres::protocol
