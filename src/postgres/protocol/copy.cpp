#include "postgres/protocol/copy.hpp"

#include "postgres/protocol/body_reader.hpp"

namespace wharf::postgres::protocol {
namespace {

format_code to_format(const body_reader& reader, int code) {
    if (code != 0 && code != 1) reader.fail("has an unknown format");
    return static_cast<format_code>(code);
}

} // namespace

void encode(outgoing_buffer& out, backend_message which, const copy_response& response) {
    body_writer body = out.begin(which, 3 + 2 * std::uint64_t{response.columns.size()});
    body.character(static_cast<char>(response.format)).integer(static_cast<std::int16_t>(response.columns.size()));
    for (const format_code column : response.columns)
        body.integer(static_cast<std::int16_t>(column));
}

copy_response decode_copy_response(const frame& message) {
    body_reader reader(name_of(message.type), message.body);
    copy_response response;
    response.format = to_format(reader, reader.character());
    const std::size_t count = reader.count16();
    if (count * 2 > reader.remaining()) reader.fail("counts more columns than it holds");
    response.columns.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        response.columns.push_back(to_format(reader, reader.int16()));
    reader.finish();
    return response;
}

void encode_copy_data(outgoing_buffer& out, bytes_view data) {
    out.begin(frontend_message::copy_data, data.size()).bytes(data);
}

void store_copy_data_head(std::byte* at, std::size_t data_size) noexcept {
    *at = static_cast<std::byte>(frontend_message::copy_data);
    store_big_endian(at + 1, static_cast<std::int32_t>(data_size + sizeof(std::int32_t)));
}

void encode_copy_fail(outgoing_buffer& out, std::string_view reason) {
    reason = reason.substr(0, reason.find('\0'));
    out.begin(frontend_message::copy_fail, string_size(reason, "the reason")).string(reason);
}

std::string_view decode_copy_fail(bytes_view body) {
    body_reader reader("CopyFail", body);
    const std::string_view reason = reader.string();
    reader.finish();
    return reason;
}

} // namespace wharf::postgres::protocol
