#include "sql/change.hpp"

#include "sql/guard.hpp"
#include "sql/text.hpp"

#include <vector>

namespace wharf::sql {

namespace {

std::vector<table_column> columns_of(const row_address& where) {
    std::vector<table_column> out(where.key.begin(), where.key.end());
    if (where.version != nullptr) out.push_back(*where.version);
    return out;
}

void append_raise(std::string& out, const row_address& where, bool first, std::string_view prefix) {
    if (where.version == nullptr) return;
    if (!first) out.append(", ");
    append_identifier(out, where.version->name);
    out.append(" = ").append(prefix);
    append_identifier(out, where.version->name);
    out.append(" + 1");
}

// changed."id" = given.c3 AND ..., numbered from `first`.
void append_join(std::string& out, std::span<const table_column> columns, std::size_t first) {
    for (std::size_t i = 0; i != columns.size(); ++i) {
        out.append(i == 0 ? " WHERE changed." : " AND changed.");
        append_identifier(out, columns[i].name);
        out.append(" = given.c").append(std::to_string(first + i));
    }
}

void append_given(std::string& out, std::span<const table_column> columns) {
    append_unnest(out, columns);
    out.append(" AS given(");
    for (std::size_t i = 0; i != columns.size(); ++i)
        out.append(i == 0 ? "c" : ", c").append(std::to_string(i + 1));
    out.append(")");
}

std::string rows_in_first_array(std::span<const table_column> columns) {
    std::string out = "cardinality(";
    append_cast_placeholder(out, 1, columns.front().type, true);
    return out.append(")");
}

} // namespace

std::string update_row(backend kind, std::string_view table, std::span<const table_column> set,
                       const row_address& where) {
    const bool postgres = kind == backend::postgres;
    std::string out = "UPDATE ";
    append_table(out, table);
    out.append(" SET ");
    for (std::size_t i = 0; i != set.size(); ++i) {
        if (i != 0) out.append(", ");
        append_equals(out, postgres, set.subspan(i, 1), i + 1);
    }
    append_raise(out, where, set.empty(), {});
    out.append(" WHERE ");
    append_equals(out, postgres, columns_of(where), set.size() + 1);
    return postgres ? guarded(out, "1") : out;
}

std::string update_rows(std::string_view table, std::span<const table_column> set, const row_address& where) {
    std::vector<table_column> all(set.begin(), set.end());
    const auto address = columns_of(where);
    all.insert(all.end(), address.begin(), address.end());
    std::string out = "UPDATE ";
    append_table(out, table);
    out.append(" AS changed SET ");
    for (std::size_t i = 0; i != set.size(); ++i) {
        if (i != 0) out.append(", ");
        append_identifier(out, set[i].name);
        out.append(" = given.c").append(std::to_string(i + 1));
    }
    append_raise(out, where, set.empty(), "changed.");
    out.append(" FROM ");
    append_given(out, all);
    append_join(out, address, set.size() + 1);
    return guarded(out, rows_in_first_array(all));
}

std::string delete_row(backend kind, std::string_view table, const row_address& where) {
    const bool postgres = kind == backend::postgres;
    std::string out = "DELETE FROM ";
    append_table(out, table);
    out.append(" WHERE ");
    append_equals(out, postgres, columns_of(where), 1);
    return postgres ? guarded(out, "1") : out;
}

std::string delete_rows(std::string_view table, const row_address& where) {
    const auto address = columns_of(where);
    std::string out = "DELETE FROM ";
    append_table(out, table);
    if (address.size() == 1) {
        out.append(" WHERE ");
        append_identifier(out, address.front().name);
        out.append(" = ANY(");
        append_cast_placeholder(out, 1, address.front().type, true);
        out.append(")");
    } else {
        out.append(" AS changed USING ");
        append_given(out, address);
        append_join(out, address, 1);
    }
    return guarded(out, rows_in_first_array(address));
}

} // namespace wharf::sql
