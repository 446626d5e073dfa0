#include "sql/table_column.hpp"

#include "row/plain_numbers.hpp"
#include "sql/text.hpp"
#include "wharf/row/type_name.hpp"

#include <algorithm>

namespace wharf::sql {

bool is_cast(type_oid type) noexcept {
    return type == type_oid::int8 || type == type_oid::int4 || type == type_oid::int2 || type == type_oid::boolean;
}

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

void append_returning(std::string& out, std::span<const table_column> columns) {
    if (columns.empty()) return;
    out.append(" RETURNING ");
    append_names(out, columns);
}

void append_value(std::string& out, std::size_t number, type_oid type) {
    if (is_cast(type))
        append_cast_placeholder(out, number, type);
    else
        append_placeholder(out, number);
}

void append_typed_array(std::string& out, std::string_view table, const table_column& column, std::size_t number) {
    if (is_cast(column.type)) return append_cast_placeholder(out, number, column.type, true);
    // The subquery is there for its type alone; it is never run.
    out.append("COALESCE(");
    append_placeholder(out, number);
    out.append(", ARRAY(SELECT ");
    append_identifier(out, column.name);
    out.append(" FROM ");
    append_table(out, table);
    out.append(" WHERE FALSE))");
}

void append_unnest(std::string& out, std::string_view table, std::span<const table_column> columns, std::size_t first) {
    out.append("unnest(");
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out.append(", ");
        append_typed_array(out, table, columns[i], first + i);
    }
    out.append(")");
}

void append_equals(std::string& out, bool casts, std::span<const table_column> columns, std::size_t first) {
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out.append(" AND ");
        append_identifier(out, columns[i].name);
        if (!casts && columns[i].type == type_oid::numeric) out.append(decimal_collation);
        out.append(" = ");
        if (casts)
            append_value(out, first + i, columns[i].type);
        else
            append_placeholder(out, first + i);
    }
}

value_test test_of(type_oid type) noexcept {
    const auto element = element_of(type);
    const auto plain = element == type_oid::unspecified ? type : element;
    if (wharf::detail::is_plain_number(plain)) return value_test::equal;
    switch (plain) {
    case type_oid::bytea:
    case type_oid::numeric:
    case type_oid::uuid:
    case type_oid::date:
    case type_oid::time:
    case type_oid::timestamp:
    case type_oid::timestamptz:
        return value_test::equal;
    default:
        // Among them text: the column's collation may find unlike texts equal, and the column may be none of text.
        return value_test::image;
    }
}

void append_same(std::string& out, std::string_view column, std::string_view value, value_test how, type_oid type) {
    switch (how) {
    case value_test::equal:
        out.append(column).append(" IS NOT DISTINCT FROM ").append(value);
        return;
    case value_test::image:
        // COALESCE gives both sides one type, that of a domain being its base.
        out.append("pg_catalog.record_image_eq(ROW(COALESCE(").append(column).append(", NULL)), ROW(COALESCE(");
        out.append(value).append(", CASE WHEN FALSE THEN ").append(column).append(" END)))");
        return;
    case value_test::hash:
        if (type == type_oid::bytea) {
            out.append("pg_catalog.sha256(").append(column).append(")");
        } else {
            out.append("CASE WHEN ").append(column).append(" IS NOT NULL THEN ");
            out.append("pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat(").append(column);
            out.append("), 'UTF8')) END");
        }
        out.append(" IS NOT DISTINCT FROM ").append(value).append("::bytea");
        return;
    }
}

} // namespace wharf::sql
