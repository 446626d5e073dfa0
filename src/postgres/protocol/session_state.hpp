// What the server tells about itself: ParameterStatus, BackendKeyData, ReadyForQuery, NotificationResponse,
// NegotiateProtocolVersion. Source: PostgreSQL documentation, 55.2.7 and 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"
#include "postgres/protocol/startup.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace wharf::postgres::protocol {

/// A setting that the server reports, at the start and whenever it changes.
struct parameter_status {
    std::string_view name{};
    std::string_view value{};
};
void encode(outgoing_buffer& out, const parameter_status& status);
[[nodiscard]] parameter_status decode_parameter_status(bytes_view body);

/// BackendKeyData.
void encode(outgoing_buffer& out, const cancel_key& key);
[[nodiscard]] cancel_key decode_backend_key_data(bytes_view body);

enum class transaction_status : char { idle = 'I', in_transaction = 'T', failed = 'E' };

/// ReadyForQuery.
void encode_ready(outgoing_buffer& out, transaction_status status);
[[nodiscard]] transaction_status decode_ready(bytes_view body);

struct notification {
    std::int32_t process{};
    std::string_view channel{};
    std::string_view payload{};
};
void encode(outgoing_buffer& out, const notification& message);
[[nodiscard]] notification decode_notification(bytes_view body);

/// NegotiateProtocolVersion: the newest minor version the server speaks, and the protocol options it did not know.
struct version_negotiation {
    std::int32_t version{};
    std::vector<std::string_view> unknown_options{};
};
void encode(outgoing_buffer& out, const version_negotiation& message);
[[nodiscard]] version_negotiation decode_version_negotiation(bytes_view body);

} // namespace wharf::postgres::protocol
