#include "sql/table_column.hpp"

#include "sql/text.hpp"
#include "wharf/row/type_name.hpp"

#include <algorithm>

namespace wharf::sql {

bool fit_arrays(std::span<const table_column> columns) {
    return std::ranges::all_of(
        columns, [](const table_column& column) { return array_of(column.type) != type_oid::unspecified; });
}

void append_names(std::string& out, std::span<const table_column> columns) {
    bool first = true;
    for (const auto& column : columns) {
        if (!first) out.append(", ");
        first = false;
        append_identifier(out, column.name);
    }
}

void append_unnest(std::string& out, std::span<const table_column> columns, std::size_t first) {
    out.append("unnest(");
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out.append(", ");
        append_cast_placeholder(out, first + i, columns[i].type, true);
    }
    out.append(")");
}

void append_equals(std::string& out, bool casts, std::span<const table_column> columns, std::size_t first) {
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out.append(" AND ");
        append_identifier(out, columns[i].name);
        out.append(" = ");
        if (casts)
            append_cast_placeholder(out, first + i, columns[i].type);
        else
            append_placeholder(out, first + i);
    }
}

} // namespace wharf::sql
