#include "postgres/protocol/portal.hpp"

#include "postgres/protocol/body_reader.hpp"

namespace wharf::postgres::protocol {
namespace {

void encode_target(outgoing_buffer& out, frontend_message type, target what, std::string_view name) {
    const std::uint64_t size = 1 + string_size(name, "the name of a statement or portal");
    out.begin(type, size).character(static_cast<char>(what)).string(name);
}

} // namespace

void encode_describe(outgoing_buffer& out, target what, std::string_view name) {
    encode_target(out, frontend_message::describe, what, name);
}

void encode_close(outgoing_buffer& out, target what, std::string_view name) {
    encode_target(out, frontend_message::close, what, name);
}

target_name decode_target(bytes_view body) {
    body_reader reader("Describe or Close", body);
    target_name named;
    const char what = reader.character();
    if (what != 'S' && what != 'P') reader.fail("names neither a statement nor a portal");
    named.what = static_cast<target>(what);
    named.name = reader.string();
    reader.finish();
    return named;
}

void encode(outgoing_buffer& out, const execute_message& message) {
    const std::uint64_t size = string_size(message.portal, "the portal's name") + 4;
    out.begin(frontend_message::execute, size).string(message.portal).integer(message.row_limit);
}

execute_message decode_execute(bytes_view body) {
    body_reader reader("Execute", body);
    execute_message message;
    message.portal = reader.string();
    message.row_limit = reader.int32();
    reader.finish();
    return message;
}

} // namespace wharf::postgres::protocol
