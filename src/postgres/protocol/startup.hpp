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
inline constexpr std::int32_t protocol_3_2 = (3 << 16) | 2; ///< PostgreSQL 18; there was no 3.1

/// Bytes of a cancel key's secret; 3.0 knows the shortest only.
inline constexpr std::size_t shortest_secret = 4;
inline constexpr std::size_t longest_secret = 256;

/// What a CancelRequest proves itself with.
struct cancel_key {
    std::int32_t process{};
    std::string secret{};
    friend bool operator==(const cancel_key&, const cancel_key&) = default;
};

class body_reader;

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

/// The secret that fills the rest of a message. Throws protocol_violation for a length that cannot be.
[[nodiscard]] std::string read_secret(body_reader& reader);

/// Decodes one such message without its length field.
[[nodiscard]] std::variant<startup_message, ssl_request, cancel_request> decode_startup(bytes_view body);

} // namespace wharf::postgres::protocol
