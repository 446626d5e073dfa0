#include "postgres/protocol/bind.hpp"

#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/parse.hpp"
#include "wharf/base/error.hpp"

#include <limits>

namespace wharf::postgres::protocol {
namespace {

constexpr std::int32_t null_length = -1;

format_code read_format(body_reader& reader) {
    const std::int16_t code = reader.int16();
    if (code != 0 && code != 1) reader.fail("has an unknown format code");
    return static_cast<format_code>(code);
}

std::vector<format_code> read_formats(body_reader& reader) {
    const std::size_t count = reader.unsigned_count16();
    if (count * 2 > reader.remaining()) reader.fail("counts more formats than it holds");
    std::vector<format_code> formats(count);
    for (format_code& format : formats)
        format = read_format(reader);
    return formats;
}

} // namespace

void encode(outgoing_buffer& out, const bind_message& message) {
    check_parameter_count(message.parameter_count);
    if (message.result_formats.size() > static_cast<std::size_t>(std::numeric_limits<std::int16_t>::max()))
        throw usage_error("a result has at most 32767 columns");
    if (message.parameters.size() > max_outgoing_message)
        throw usage_error("the parameters of a statement are larger than PostgreSQL takes (1 GiB)");

    const bool all_binary = message.parameter_formats.empty();
    const std::size_t formats = all_binary ? (message.parameter_count == 0 ? 0 : 1) : message.parameter_formats.size();
    const std::uint64_t size = string_size(message.portal, "the portal's name") +
                               string_size(message.statement, "the statement's name") + 6 + formats * 2 +
                               message.parameters.size() + message.result_formats.size() * 2;

    const bool borrows = message.parameters.size() >= outgoing_buffer::smallest_borrowed;
    body_writer body = out.begin_around(frontend_message::bind, size, borrows ? message.parameters.size() : 0);
    body.string(message.portal).string(message.statement);
    body.integer(static_cast<std::uint16_t>(formats));
    if (all_binary && formats != 0) body.integer(static_cast<std::int16_t>(format_code::binary));
    for (const format_code format : message.parameter_formats)
        body.integer(static_cast<std::int16_t>(format));
    body.integer(static_cast<std::uint16_t>(message.parameter_count));
    if (!borrows) body.bytes(message.parameters);
    body.integer(static_cast<std::uint16_t>(message.result_formats.size()));
    for (const format_code format : message.result_formats)
        body.integer(static_cast<std::int16_t>(format));
    if (borrows) out.insert(message.parameters, 2 + message.result_formats.size() * 2);
}

received_bind decode_bind(bytes_view body) {
    body_reader reader("Bind", body);
    received_bind message;
    message.portal = reader.string();
    message.statement = reader.string();
    const std::vector<format_code> formats = read_formats(reader);
    const std::size_t count = reader.unsigned_count16();
    if (count * 4 > reader.remaining()) reader.fail("counts more parameters than it holds");
    if (formats.size() > 1 && formats.size() != count) reader.fail("has another number of formats than of parameters");
    for (std::size_t i = 0; i < count; ++i) {
        bind_value value;
        value.format = formats.empty() ? format_code::text : formats.size() == 1 ? formats[0] : formats[i];
        const std::int32_t size = reader.int32();
        if (size < null_length) reader.fail("has a negative length");
        value.null = size == null_length;
        if (!value.null) value.data = reader.bytes(static_cast<std::size_t>(size));
        message.values.push_back(value);
    }
    message.result_formats = read_formats(reader);
    reader.finish();
    return message;
}

} // namespace wharf::postgres::protocol
