#include "postgres/prepared_statement.hpp"

#include "postgres/known_types.hpp"

#include <algorithm>

namespace wharf::postgres {

namespace {

bool same_columns(const result_shape& known, const std::vector<protocol::column_description>& columns) {
    return std::ranges::equal(
        known.columns, columns, [](const column_info& one, const protocol::column_description& other) {
            return one.name == other.name && one.type == static_cast<type_oid>(other.type) &&
                   one.table == other.table &&
                   (one.format == wire_format::binary) == (other.format == protocol::format_code::binary);
        });
}

} // namespace

void prepared_statement::describe_portal(const std::vector<protocol::column_description>& columns) {
    if (shape && same_columns(*shape, columns)) return;
    describe_rows(columns);
    auto as_they_come = std::make_shared<result_shape>(*shape);
    for (std::size_t i = 0; i < columns.size(); ++i)
        as_they_come->columns[i].format =
            columns[i].format == protocol::format_code::binary ? wire_format::binary : wire_format::text;
    shape = std::move(as_they_come);
}

void prepared_statement::describe_rows(const std::vector<protocol::column_description>& columns) {
    auto described = std::make_shared<result_shape>();
    described->columns.reserve(columns.size());
    result_formats.clear();
    for (const protocol::column_description& column : columns) {
        const auto type = static_cast<type_oid>(column.type);
        const bool binary = arrives_in_binary(type);
        described->columns.push_back(
            {column.name, type, binary ? wire_format::binary : wire_format::text, column.table});
        result_formats.push_back(binary ? protocol::format_code::binary : protocol::format_code::text);
    }
    const auto differs = [&](protocol::format_code format) { return format != result_formats.front(); };
    if (!result_formats.empty() && std::ranges::none_of(result_formats, differs)) result_formats.resize(1);
    shape = std::move(described);
}

} // namespace wharf::postgres
