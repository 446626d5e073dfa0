#include "sql/insert.hpp"

#include "sql/given_rows.hpp"
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
                       std::span<const table_column> returning, identity_values identity) {
    const bool postgres = kind == backend::postgres;
    auto out = insert_into(table, columns);
    if (postgres) out.append(overriding(identity));
    out.append(columns.empty() ? " DEFAULT VALUES" : " VALUES (");
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out.append(", ");
        if (postgres)
            append_value(out, i + 1, columns[i].type);
        else
            append_placeholder(out, i + 1);
    }
    if (!columns.empty()) out.append(")");
    if (!postgres) {
        append_returning(out, returning);
        return out;
    }
    guarded_change made;
    made.change = std::move(out);
    return guarded(made, {returning, columns}, values_sent(columns, false));
}

std::string insert_rows(std::string_view table, std::span<const table_column> columns,
                        std::span<const table_column> returning, identity_values identity) {
    given_rows given;
    given.add(table, columns);
    given.add_as_they_are(sent_again(columns));
    guarded_change made;
    made.before = given.text();
    made.change = insert_into(table, columns);
    made.change.append(overriding(identity)).append(" SELECT ");
    for (std::size_t i = 0; i != columns.size(); ++i)
        made.change.append(i == 0 ? "c" : ", c").append(std::to_string(i + 1));
    made.change.append(" FROM wharf_given ORDER BY n");
    made.row.clear();
    made.expected = number_of_given;
    return guarded(made, {returning, columns}, values_sent(columns, true));
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
