#include "postgres/protocol/parse.hpp"

#include "postgres/protocol/body_reader.hpp"
#include "wharf/base/error.hpp"

#include <string>

namespace wharf::postgres::protocol {
namespace {

std::vector<std::uint32_t> read_types(body_reader& reader) {
    const std::size_t count = reader.unsigned_count16();
    if (count * 4 > reader.remaining()) reader.fail("counts more types than it holds");
    std::vector<std::uint32_t> types(count);
    for (std::uint32_t& type : types)
        type = reader.uint32();
    return types;
}

void write_types(body_writer& body, std::span<const std::uint32_t> types) {
    body.integer(static_cast<std::uint16_t>(types.size()));
    for (const std::uint32_t type : types)
        body.integer(type);
}

} // namespace

void check_parameter_count(std::size_t count) {
    if (count > max_parameters)
        throw usage_error("a statement takes at most 65535 parameters, not " + std::to_string(count) +
                          ": pass many values as one array");
}

void encode(outgoing_buffer& out, const parse_message& message) {
    check_parameter_count(message.parameter_types.size());
    const std::uint64_t size = string_size(message.statement, "the statement's name") +
                               string_size(message.sql, "the statement") + 2 + message.parameter_types.size() * 4;
    body_writer body = out.begin(frontend_message::parse, size);
    body.string(message.statement).string(message.sql);
    write_types(body, message.parameter_types);
}

received_parse decode_parse(bytes_view body) {
    body_reader reader("Parse", body);
    received_parse message;
    message.statement = reader.string();
    message.sql = reader.string();
    message.parameter_types = read_types(reader);
    reader.finish();
    return message;
}

void encode_parameter_description(outgoing_buffer& out, std::span<const std::uint32_t> types) {
    check_parameter_count(types.size());
    body_writer body = out.begin(backend_message::parameter_description, 2 + types.size() * 4);
    write_types(body, types);
}

std::vector<std::uint32_t> decode_parameter_description(bytes_view body) {
    body_reader reader("ParameterDescription", body);
    std::vector<std::uint32_t> types = read_types(reader);
    reader.finish();
    return types;
}

} // namespace wharf::postgres::protocol
