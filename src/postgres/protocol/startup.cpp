#include "postgres/protocol/startup.hpp"

#include "postgres/protocol/body_reader.hpp"
#include "wharf/base/error.hpp"

namespace wharf::postgres::protocol {
namespace {

constexpr std::int32_t ssl_request_code = (1234 << 16) | 5679;
constexpr std::int32_t cancel_request_code = (1234 << 16) | 5678;

} // namespace

void encode(outgoing_buffer& out, const startup_message& message) {
    std::uint64_t size = 4 + 1;
    for (const auto& [name, value] : message.parameters) {
        if (name.empty()) throw usage_error("a startup parameter has an empty name");
        size += string_size(name, "the name of a startup parameter");
        size += string_size(value, "startup parameter \"" + name + "\"");
    }
    body_writer body = out.begin_untyped(size);
    body.integer(message.version);
    for (const auto& [name, value] : message.parameters)
        body.string(name).string(value);
    body.character('\0');
}

void encode(outgoing_buffer& out, ssl_request) {
    out.begin_untyped(4).integer(ssl_request_code);
}

void encode(outgoing_buffer& out, const cancel_request& message) {
    const auto& [process, secret] = message.key;
    out.begin_untyped(8 + secret.size()).integer(cancel_request_code).integer(process).bytes(as_bytes(secret));
}

std::string read_secret(body_reader& reader) {
    const std::size_t size = reader.remaining();
    if (size < shortest_secret || size > longest_secret) reader.fail("has a cancel key of an impossible length");
    return std::string(as_text(reader.bytes(size)));
}

std::variant<startup_message, ssl_request, cancel_request> decode_startup(bytes_view body) {
    body_reader reader("StartupMessage", body);
    const std::int32_t code = reader.int32();
    if (code == ssl_request_code) {
        reader.finish();
        return ssl_request{};
    }
    if (code == cancel_request_code) {
        cancel_request request;
        request.key.process = reader.int32();
        request.key.secret = read_secret(reader);
        return request;
    }
    startup_message message;
    message.version = code;
    for (std::string_view name = reader.string(); !name.empty(); name = reader.string())
        message.parameters.emplace_back(name, reader.string());
    reader.finish();
    return message;
}

} // namespace wharf::postgres::protocol
