// What the server has said about a COPY, as far as nobody has looked at it yet.
#pragma once

#include "postgres/expected_reply.hpp"
#include "postgres/protocol/copy.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace wharf::postgres {

struct copy_replies {
    /// Since when the COPY runs: its CopyInResponse or CopyOutResponse. None: it has not begun.
    std::optional<protocol::copy_response> begun{};
    /// The server waits for data of a statement that was to give data.
    bool wants_data{false};
    /// Contents of CopyData messages, where they have arrived; valid until the next read.
    std::vector<std::string_view> data{};

    void clear() noexcept {
        begun.reset();
        wants_data = false;
        data.clear();
    }
};

/// Whether the next answer is one to a COPY.
[[nodiscard]] inline bool is_copy(const expected_replies& expected) noexcept {
    using kind = expected_reply::kind;
    if (expected.empty()) return false;
    return expected.front().what == kind::copy_in || expected.front().what == kind::copy_out;
}

} // namespace wharf::postgres
