#include "sql/lookup.hpp"

#include "sql/array_parameter.hpp"
#include "sql/text.hpp"
#include "sqlite/value_list.hpp"

namespace wharf::sql {

namespace {

std::string select_from(std::string_view table, std::span<const std::string_view> columns) {
    std::string out = "SELECT ";
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out.append(", ");
        append_identifier(out, columns[i]);
    }
    out.append(" FROM ");
    append_table(out, table);
    return out.append(" WHERE ");
}

void append_order(std::string& out, std::span<const std::string_view> order) {
    for (std::size_t i = 0; i != order.size(); ++i) {
        out.append(i == 0 ? " ORDER BY " : ", ");
        append_identifier(out, order[i]);
    }
}

// An array that is compared with a column is of the column's type.
void append_any_array(std::string& out, type_oid type) {
    if (is_cast(type))
        append_cast_placeholder(out, 1, type, true);
    else
        append_placeholder(out, 1);
}

void append_values(rendered_statement& out, std::span<const table_column> by, std::span<const parameters> values) {
    const bool single = by.size() == 1;
    out.text.append(single ? " IN (" : " IN (VALUES ");
    for (std::size_t row = 0; row != values.front().size(); ++row) {
        if (row != 0) out.text.append(", ");
        if (!single) out.text.append("(");
        for (std::size_t i = 0; i != by.size(); ++i) {
            if (i != 0) out.text.append(", ");
            const auto value = values[i][row];
            if (value.null)
                out.values.add_null(value.type);
            else
                out.values.add_encoded(value.type, value.bytes);
            append_value(out.text, out.values.size(), by[i].type);
        }
        if (!single) out.text.append(")");
    }
    out.text.append(")");
}

void append_arrays(rendered_statement& out, std::string_view table, std::span<const table_column> by,
                   std::span<const parameters> values) {
    for (const auto& column : values)
        add_array_parameter(out.values, column);
    if (by.size() == 1) {
        out.text.append(" = ANY(");
        append_any_array(out.text, by.front().type);
        out.text.append(")");
        return;
    }
    out.text.append(" IN (SELECT * FROM ");
    append_unnest(out.text, table, by);
    out.text.append(")");
}

void append_list(rendered_statement& out, std::span<const parameters> values) {
    const auto list = sqlite::list_of(values);
    out.values.add_encoded(type_oid::text, list.json);
    out.text.append(" IN (SELECT ");
    for (std::size_t i = 0; i != list.elements.size(); ++i)
        out.text.append(i == 0 ? "" : ", ").append(list.elements[i]);
    out.text.append(" FROM json_each(");
    append_placeholder(out.text, 1);
    out.text.append("))");
}

void append_compared(std::string& out, backend kind, std::span<const table_column> by) {
    if (by.size() != 1) out.append("(");
    for (std::size_t i = 0; i != by.size(); ++i) {
        if (i != 0) out.append(", ");
        append_identifier(out, by[i].name);
        if (kind == backend::sqlite && by[i].type == type_oid::numeric) out.append(decimal_collation);
    }
    if (by.size() != 1) out.append(")");
}

} // namespace

std::string select_by(backend kind, std::string_view table, std::span<const std::string_view> columns,
                      std::span<const table_column> by, std::span<const std::string_view> order, row_lock lock) {
    auto out = select_from(table, columns);
    append_equals(out, kind == backend::postgres, by, 1);
    append_order(out, order);
    append_lock(out, kind, lock);
    return out;
}

rendered_statement select_by_any(backend kind, std::string_view table, std::span<const std::string_view> columns,
                                 std::span<const table_column> by, std::span<const parameters> values,
                                 std::span<const std::string_view> order) {
    rendered_statement out;
    out.text = select_from(table, columns);
    append_compared(out.text, kind, by);
    if (kind == backend::sqlite)
        append_list(out, values);
    else if (fit_arrays(by))
        append_arrays(out, table, by, values);
    else
        append_values(out, by, values);
    append_order(out.text, order);
    return out;
}

} // namespace wharf::sql
