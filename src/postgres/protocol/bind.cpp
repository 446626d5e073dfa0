#include "postgres/protocol/bind.hpp"

#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/parse.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace wharf::postgres::protocol {
namespace {

constexpr std::int32_t null_length = -1;

bool formats_agree(std::span<const bind_value> values) noexcept {
    return std::ranges::all_of(values, [&](const bind_value& value) { return value.format == values[0].format; });
}

bool formats_agree(std::span<const format_code> formats) noexcept {
    return std::ranges::all_of(formats, [&](format_code format) { return format == formats[0]; });
}

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
    check_parameter_count(message.values.size());
    if (message.result_formats.size() > static_cast<std::size_t>(std::numeric_limits<std::int16_t>::max()))
        throw usage_error("a result has at most 32767 columns");

    const bool one_format = formats_agree(message.values);
    const std::size_t formats = message.values.empty() ? 0 : one_format ? 1 : message.values.size();
    const std::size_t result_formats =
        !message.result_formats.empty() && formats_agree(message.result_formats) ? 1 : message.result_formats.size();

    // At most 65,535 values, each below 2^63: a sum that goes beyond the limit is noticed before it can overflow.
    std::uint64_t size = string_size(message.portal, "the portal's name") +
                         string_size(message.statement, "the statement's name") + 6 + formats * 2 + result_formats * 2;
    for (const bind_value& value : message.values) {
        size += 4;
        if (value.null) continue;
        if (value.data.size() > max_outgoing_message || (size += value.data.size()) > max_outgoing_message)
            throw usage_error("the parameters of a statement are larger than PostgreSQL takes (1 GiB)");
    }

    body_writer body = out.begin(frontend_message::bind, size);
    body.string(message.portal).string(message.statement);
    body.integer(static_cast<std::uint16_t>(formats));
    for (const bind_value& value : message.values.first(formats))
        body.integer(static_cast<std::int16_t>(value.format));
    body.integer(static_cast<std::uint16_t>(message.values.size()));
    for (const bind_value& value : message.values) {
        if (value.null)
            body.integer(null_length);
        else
            body.integer(static_cast<std::int32_t>(value.data.size())).bytes(value.data);
    }
    body.integer(static_cast<std::uint16_t>(result_formats));
    for (const format_code format : message.result_formats.first(result_formats))
        body.integer(static_cast<std::int16_t>(format));
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
