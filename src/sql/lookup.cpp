#include "sql/lookup.hpp"

#include "sql/text.hpp"

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

void append_parameter(std::string& out, backend kind, std::size_t number, type_oid type) {
    if (kind == backend::postgres)
        append_value(out, number, type);
    else
        append_placeholder(out, number);
}

// An array that is compared with a column is of the column's type.
void append_any_array(std::string& out, type_oid type) {
    if (is_cast(type))
        append_cast_placeholder(out, 1, type, true);
    else
        append_placeholder(out, 1);
}

void append_list(std::string& out, backend kind, std::span<const table_column> by, std::size_t count) {
    const bool single = by.size() == 1;
    out.append(single ? " IN (" : " IN (VALUES ");
    for (std::size_t row = 0; row != count; ++row) {
        if (row != 0) out.append(", ");
        if (!single) out.append("(");
        for (std::size_t i = 0; i != by.size(); ++i) {
            if (i != 0) out.append(", ");
            append_parameter(out, kind, row * by.size() + i + 1, by[i].type);
        }
        if (!single) out.append(")");
    }
    out.append(")");
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

bool looks_up_by_arrays(backend kind, std::span<const table_column> by) {
    return kind == backend::postgres && fit_arrays(by);
}

std::string select_by_any(backend kind, std::string_view table, std::span<const std::string_view> columns,
                          std::span<const table_column> by, std::size_t count,
                          std::span<const std::string_view> order) {
    auto out = select_from(table, columns);
    const bool single = by.size() == 1;
    if (!single) out.append("(");
    append_names(out, by);
    if (!single) out.append(")");
    if (!looks_up_by_arrays(kind, by)) {
        append_list(out, kind, by, count);
    } else if (single) {
        out.append(" = ANY(");
        append_any_array(out, by.front().type);
        out.append(")");
    } else {
        out.append(" IN (SELECT * FROM ");
        append_unnest(out, table, by);
        out.append(")");
    }
    append_order(out, order);
    return out;
}

} // namespace wharf::sql
