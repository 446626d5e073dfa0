// ErrorResponse and NoticeResponse: the same fields, under two type bytes.
// Source: PostgreSQL documentation, 55.7 and 55.8.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"
#include "wharf/base/database_error.hpp"

namespace wharf::postgres::protocol {

/// The most that is kept of one field's text, in bytes; the rest is cut off.
inline constexpr std::size_t max_error_text = std::size_t{64} << 10;

void encode_error(outgoing_buffer& out, const diagnostic& fields);
void encode_notice(outgoing_buffer& out, const diagnostic& fields);

/// Decodes the body of either. Fields that are unknown are skipped, fields that are missing are left empty.
[[nodiscard]] diagnostic decode_diagnostic(bytes_view body);

} // namespace wharf::postgres::protocol
