// The messages that open a connection, none of which carries a type byte: StartupMessage, SSLRequest, CancelRequest.
// Source: PostgreSQL documentation, 55.2.1, 55.2.8, 55.2.10, 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace wharf::postgres::protocol {

inline constexpr std::int32_t protocol_3_0 = 3 << 16;

/// What a CancelRequest proves itself with.
struct cancel_key {
    std::int32_t process{};
    std::int32_t secret{};
    friend bool operator==(const cancel_key&, const cancel_key&) = default;
};

struct startup_message {
    std::int32_t version{protocol_3_0};
    std::vector<std::pair<std::string, std::string>> parameters{}; ///< user, database, options, settings
};
struct ssl_request {};
struct cancel_request {
    cancel_key key{};
};

/// Parameters with empty names or NUL in names or values are refused with usage_error.
void encode(outgoing_buffer& out, const startup_message& message);
void encode(outgoing_buffer& out, ssl_request message);
void encode(outgoing_buffer& out, const cancel_request& message);

/// Decodes one such message without its length field.
[[nodiscard]] std::variant<startup_message, ssl_request, cancel_request> decode_startup(bytes_view body);

} // namespace wharf::postgres::protocol
