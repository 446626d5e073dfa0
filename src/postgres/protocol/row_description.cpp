#include "postgres/protocol/row_description.hpp"

#include "postgres/protocol/body_reader.hpp"

namespace wharf::postgres::protocol {
namespace {

constexpr std::size_t fixed_size = 18; // of a column without its name

} // namespace

void encode_row_description(outgoing_buffer& out, std::span<const column_description> columns) {
    std::uint64_t size = 2;
    for (const column_description& column : columns)
        size += string_size(column.name, "a column's name") + fixed_size;
    body_writer body = out.begin(backend_message::row_description, size);
    body.integer(static_cast<std::int16_t>(columns.size()));
    for (const column_description& column : columns) {
        body.string(column.name).integer(column.table).integer(column.table_column).integer(column.type);
        body.integer(column.type_size).integer(column.type_modifier);
        body.integer(static_cast<std::int16_t>(column.format));
    }
}

std::vector<column_description> decode_row_description(bytes_view body) {
    body_reader reader("RowDescription", body);
    const std::size_t count = reader.count16();
    if (count * (fixed_size + 1) > reader.remaining()) reader.fail("counts more columns than it holds");
    std::vector<column_description> columns(count);
    for (column_description& column : columns) {
        column.name = reader.string();
        column.table = reader.uint32();
        column.table_column = reader.int16();
        column.type = reader.uint32();
        column.type_size = reader.int16();
        column.type_modifier = reader.int32();
        const std::int16_t format = reader.int16();
        if (format != 0 && format != 1) reader.fail("has an unknown format code");
        column.format = static_cast<format_code>(format);
    }
    reader.finish();
    return columns;
}

} // namespace wharf::postgres::protocol
