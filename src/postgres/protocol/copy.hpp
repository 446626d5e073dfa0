// COPY: CopyInResponse, CopyOutResponse, CopyBothResponse, CopyData, CopyDone, CopyFail; and the frame around COPY's
// binary format. Source: PostgreSQL documentation, 55.2.6, 55.7, and COPY (binary format).
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/frame.hpp"
#include "postgres/protocol/message_types.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wharf::postgres::protocol {

/// What the server says when a COPY begins.
struct copy_response {
    format_code format{format_code::text};
    std::vector<format_code> columns{}; ///< as many as the data has columns

    bool operator==(const copy_response&) const = default;
};

/// `which`: copy_in_response, copy_out_response or copy_both_response.
void encode(outgoing_buffer& out, backend_message which, const copy_response& response);
[[nodiscard]] copy_response decode_copy_response(const frame& message);

/// CopyData is the same in both directions: bytes, with boundaries that mean nothing.
void encode_copy_data(outgoing_buffer& out, bytes_view data);
/// The head of a CopyData message that is built in place. Precondition: frame_head_size bytes at `at`; data_size is at
/// most max_outgoing_message - 4.
void store_copy_data_head(std::byte* at, std::size_t data_size) noexcept;

inline void encode_copy_done(outgoing_buffer& out) {
    out.begin(frontend_message::copy_done, 0);
}
/// Makes the COPY fail; the server's error will quote the reason. A NUL ends the reason.
void encode_copy_fail(outgoing_buffer& out, std::string_view reason);
[[nodiscard]] std::string_view decode_copy_fail(bytes_view body);

/// In front of the rows: signature, flags, and an extension of no bytes.
inline constexpr std::string_view copy_header{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
inline constexpr std::size_t copy_signature_size = 11;
/// Behind the rows.
inline constexpr std::string_view copy_trailer{"\377\377", 2};

} // namespace wharf::postgres::protocol
