// Exact bytes in protocol tests: string literals with NULs in them, and what an encoder wrote.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/frame.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"
#include "wharf/base/error.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace wharf::postgres::protocol {

/// A literal with all its NULs, less the one that the compiler adds.
template <std::size_t Size>
[[nodiscard]] std::string_view wire(const char (&literal)[Size]) {
    return {literal, Size - 1};
}

[[nodiscard]] inline std::string written(const outgoing_buffer& out) {
    return std::string(as_text(out.pending()));
}

/// The body of the single message that was written.
[[nodiscard]] inline bytes_view body_of(const outgoing_buffer& out) {
    return out.pending().subspan(frame_head_size);
}

/// Calls `decode` with every proper prefix of `body`, and expects each to be refused.
template <class Decode>
void expect_prefixes_refused(bytes_view body, Decode decode) {
    for (std::size_t size = 0; size < body.size(); ++size)
        EXPECT_THROW((void)decode(body.first(size)), protocol_violation) << "cut after " << size << " bytes";
}

} // namespace wharf::postgres::protocol
