#include "sql/insert.hpp"

#include "sql/guard.hpp"
#include "sql/text.hpp"

namespace wharf::sql {

namespace {

std::string insert_into(std::string_view table, std::span<const table_column> columns) {
    std::string out = "INSERT INTO ";
    append_table(out, table);
    if (columns.empty()) return out;
    out.append(" (");
    append_names(out, columns);
    return out.append(")");
}

std::string_view overriding(identity_values identity) noexcept {
    return identity == identity_values::taken ? " OVERRIDING SYSTEM VALUE" : "";
}

} // namespace

std::string insert_row(backend kind, std::string_view table, std::span<const table_column> columns,
                       std::span<const std::string_view> returning, identity_values identity) {
    const bool postgres = kind == backend::postgres;
    auto out = insert_into(table, columns);
    if (postgres) out.append(overriding(identity));
    out.append(columns.empty() ? " DEFAULT VALUES" : " VALUES (");
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out.append(", ");
        if (postgres)
            append_cast_placeholder(out, i + 1, columns[i].type);
        else
            append_placeholder(out, i + 1);
    }
    if (!columns.empty()) out.append(")");
    if (postgres) return guarded(out, "1", returning);
    for (std::size_t i = 0; i != returning.size(); ++i) {
        out.append(i == 0 ? " RETURNING " : ", ");
        append_identifier(out, returning[i]);
    }
    return out;
}

std::string insert_rows(std::string_view table, std::span<const table_column> columns,
                        std::span<const std::string_view> returning, identity_values identity) {
    auto out = insert_into(table, columns);
    out.append(overriding(identity));
    std::string values;
    for (std::size_t i = 0; i != columns.size(); ++i)
        values.append(i == 0 ? "c" : ", c").append(std::to_string(i + 1));
    out.append(" SELECT ").append(values).append(" FROM ");
    append_unnest(out, columns);
    out.append(" WITH ORDINALITY AS given(").append(values).append(", ordinal) ORDER BY ordinal");
    std::string expected = "cardinality(";
    append_cast_placeholder(expected, 1, columns.front().type, true);
    return guarded(out, expected.append(")"), returning);
}

std::string next_keys(std::string_view table, std::string_view column) {
    // The sequence is looked up once, in a subquery, not once for each key.
    std::string out = "SELECT pg_catalog.nextval((SELECT pg_catalog.pg_get_serial_sequence(";
    append_literal(out, quoted_table(table));
    out.append(", ");
    append_literal(out, column);
    return out.append(")::pg_catalog.regclass)) FROM pg_catalog.generate_series(1, $1::int4)");
}

} // namespace wharf::sql
