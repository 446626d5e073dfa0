// Simple query, Sync, Flush and Terminate. Source: PostgreSQL documentation, 55.2.2 and 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <string_view>

namespace wharf::postgres::protocol {

/// Query: statements in text, separated by semicolons. Throws usage_error for a NUL.
void encode_query(outgoing_buffer& out, std::string_view sql);
[[nodiscard]] std::string_view decode_query(bytes_view body);

inline void encode_sync(outgoing_buffer& out) {
    out.begin(frontend_message::sync, 0);
}
inline void encode_flush(outgoing_buffer& out) {
    out.begin(frontend_message::flush, 0);
}
inline void encode_terminate(outgoing_buffer& out) {
    out.begin(frontend_message::terminate, 0);
}

} // namespace wharf::postgres::protocol
