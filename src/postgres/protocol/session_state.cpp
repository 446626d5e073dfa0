#include "postgres/protocol/session_state.hpp"

#include "postgres/protocol/body_reader.hpp"

namespace wharf::postgres::protocol {

void encode(outgoing_buffer& out, const parameter_status& status) {
    const std::uint64_t size =
        string_size(status.name, "a setting's name") + string_size(status.value, "a setting's value");
    out.begin(backend_message::parameter_status, size).string(status.name).string(status.value);
}

parameter_status decode_parameter_status(bytes_view body) {
    body_reader reader("ParameterStatus", body);
    parameter_status status;
    status.name = reader.string();
    status.value = reader.string();
    reader.finish();
    return status;
}

void encode(outgoing_buffer& out, const cancel_key& key) {
    body_writer body = out.begin(backend_message::backend_key_data, 4 + key.secret.size());
    body.integer(key.process).bytes(as_bytes(key.secret));
}

cancel_key decode_backend_key_data(bytes_view body) {
    body_reader reader("BackendKeyData", body);
    cancel_key key;
    key.process = reader.int32();
    key.secret = read_secret(reader);
    return key;
}

void encode_ready(outgoing_buffer& out, transaction_status status) {
    out.begin(backend_message::ready_for_query, 1).character(static_cast<char>(status));
}

transaction_status decode_ready(bytes_view body) {
    body_reader reader("ReadyForQuery", body);
    const char status = reader.character();
    reader.finish();
    if (status != 'I' && status != 'T' && status != 'E') reader.fail("has an unknown transaction status");
    return static_cast<transaction_status>(status);
}

void encode(outgoing_buffer& out, const notification& message) {
    const std::uint64_t size =
        4 + string_size(message.channel, "a channel's name") + string_size(message.payload, "a notification's payload");
    body_writer body = out.begin(backend_message::notification_response, size);
    body.integer(message.process).string(message.channel).string(message.payload);
}

notification decode_notification(bytes_view body) {
    body_reader reader("NotificationResponse", body);
    notification message;
    message.process = reader.int32();
    message.channel = reader.string();
    message.payload = reader.string();
    reader.finish();
    return message;
}

void encode(outgoing_buffer& out, const version_negotiation& message) {
    std::uint64_t size = 8;
    for (const std::string_view option : message.unknown_options)
        size += string_size(option, "a protocol option");
    body_writer body = out.begin(backend_message::negotiate_protocol_version, size);
    body.integer(message.version).integer(static_cast<std::int32_t>(message.unknown_options.size()));
    for (const std::string_view option : message.unknown_options)
        body.string(option);
}

version_negotiation decode_version_negotiation(bytes_view body) {
    body_reader reader("NegotiateProtocolVersion", body);
    version_negotiation message;
    message.version = reader.int32();
    const std::int32_t count = reader.int32();
    if (count < 0 || static_cast<std::size_t>(count) > reader.remaining())
        reader.fail("counts more options than it holds");
    for (std::int32_t i = 0; i < count; ++i)
        message.unknown_options.push_back(reader.string());
    reader.finish();
    return message;
}

} // namespace wharf::postgres::protocol
