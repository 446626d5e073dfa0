#include "sql/change.hpp"

#include "sql/given_rows.hpp"
#include "sql/guard.hpp"
#include "sql/text.hpp"

#include <algorithm>
#include <vector>

namespace wharf::sql {

namespace {

void append_raise(std::string& out, const row_address& where, bool first, std::string_view prefix) {
    if (where.version == nullptr) return;
    if (!first) out.append(", ");
    append_identifier(out, where.version->name);
    out.append(" = ").append(prefix);
    append_identifier(out, where.version->name);
    out.append(" + 1");
}

std::string given_column(std::size_t number) {
    return "given.c" + std::to_string(number);
}

// "name" = $1
void append_assignment(std::string& out, bool casts, const table_column& column, std::size_t number) {
    append_identifier(out, column.name);
    out.append(" = ");
    if (casts)
        append_value(out, number, column.type);
    else
        append_placeholder(out, number);
}

// changed."id" = given.c3 AND ..., numbered from `first`.
void append_join(std::string& out, std::span<const table_column> columns, std::size_t first) {
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out.append(" AND ");
        out.append("changed.");
        append_identifier(out, columns[i].name);
        out.append(" = ").append(given_column(first + i));
    }
}

/// Expected values are numbered from `first`.
void append_expected(std::string& out, std::span<const expected_column> expected, std::size_t first,
                     std::string_view prefix, bool arrays) {
    for (std::size_t i = 0; i != expected.size(); ++i) {
        std::string column(prefix);
        append_identifier(column, expected[i].name);
        std::string value;
        if (arrays)
            value = given_column(first + i);
        else
            append_placeholder(value, first + i);
        out.append(" AND ");
        append_same(out, column, value, expected[i].test, expected[i].type);
    }
}

std::vector<table_column> address_of(const row_address& where) {
    std::vector<table_column> out(where.key.begin(), where.key.end());
    if (where.version != nullptr && where.check_version) out.push_back(*where.version);
    return out;
}

/// The rows of wharf_given whose rows in the table are there, locked in the order of their keys.
std::string locked_rows(std::string_view table, std::span<const table_column> key, std::size_t first,
                        std::string_view lock) {
    std::string out = "wharf_locked AS MATERIALIZED (SELECT given.* FROM ";
    append_table(out, table);
    out.append(" AS changed JOIN wharf_given AS given ON ");
    append_join(out, key, first);
    out.append(" ORDER BY ");
    for (std::size_t i = 0; i != key.size(); ++i) {
        out.append(i == 0 ? "changed." : ", changed.");
        append_identifier(out, key[i].name);
    }
    return out.append(" FOR ").append(lock).append(" OF changed), ");
}

} // namespace

std::string update_row(backend kind, std::string_view table, const row_change& change, const row_address& where) {
    const bool postgres = kind == backend::postgres;
    const auto address = address_of(where);
    const auto again = postgres ? sent_again(change.set) : std::vector<table_column>();
    std::string out = "UPDATE ";
    append_table(out, table);
    out.append(" SET ");
    for (std::size_t i = 0; i != change.set.size(); ++i) {
        if (i != 0) out.append(", ");
        append_assignment(out, postgres, change.set[i], i + 1);
    }
    append_raise(out, where, change.set.empty(), {});
    out.append(" WHERE ");
    auto number = change.set.size() + again.size() + 1;
    append_equals(out, postgres, address, number);
    number += address.size();
    if (postgres) {
        append_expected(out, where.expected, number, {}, false);
        guarded_change made;
        made.change = std::move(out);
        return guarded(made, {change.returning, change.set}, values_sent(change.set, false));
    }
    for (const auto& column : where.expected) {
        out.append(" AND ");
        append_identifier(out, column.name);
        out.append(" COLLATE BINARY IS ");
        append_placeholder(out, number++);
    }
    append_returning(out, change.returning);
    return out;
}

std::string update_rows(std::string_view table, const row_change& change, const row_address& where) {
    const auto address = address_of(where);
    const auto again = sent_again(change.set);
    const auto first = change.set.size() + again.size() + 1;
    given_rows given;
    given.add(table, change.set);
    given.add_as_they_are(again);
    given.add(table, address);
    given.add(table, where.expected);
    const bool moves_key = std::ranges::any_of(change.set, [&](const table_column& set) {
        return std::ranges::any_of(where.key, [&](const table_column& key) { return key.name == set.name; });
    });

    guarded_change made;
    made.before = given.text() + locked_rows(table, where.key, first, moves_key ? "UPDATE" : "NO KEY UPDATE");
    auto& out = made.change;
    out = "UPDATE ";
    append_table(out, table);
    out.append(" AS changed SET ");
    for (std::size_t i = 0; i != change.set.size(); ++i) {
        if (i != 0) out.append(", ");
        append_identifier(out, change.set[i].name);
        out.append(" = ").append(given_column(i + 1));
    }
    append_raise(out, where, change.set.empty(), "changed.");
    out.append(" FROM wharf_locked AS given WHERE ");
    append_join(out, address, first);
    append_expected(out, where.expected, first + address.size(), "changed.", true);
    made.column_prefix = "changed.";
    made.row = "given.n";
    made.expected = number_of_given;
    made.numbered = true;
    return guarded(made, {change.returning, change.set}, values_sent(change.set, true));
}

std::string increment_row(backend kind, std::string_view table, const table_column& column, const row_address& where) {
    const bool postgres = kind == backend::postgres;
    std::string name;
    append_identifier(name, column.name);
    std::string out = "UPDATE ";
    append_table(out, table);
    out.append(" SET ").append(name).append(" = ").append(name).append(" + ");
    if (postgres)
        append_value(out, 1, column.type);
    else
        append_placeholder(out, 1);
    append_raise(out, where, false, {});
    out.append(" WHERE ");
    append_equals(out, postgres, where.key, 2);
    std::vector<table_column> returning{column};
    if (where.version != nullptr) returning.push_back(*where.version);
    append_returning(out, returning);
    return out;
}

std::string delete_row(backend kind, std::string_view table, const row_address& where) {
    const bool postgres = kind == backend::postgres;
    guarded_change made;
    auto& out = made.change;
    out = "DELETE FROM ";
    append_table(out, table);
    out.append(" WHERE ");
    append_equals(out, postgres, address_of(where), 1);
    return postgres ? guarded(made, {}) : out;
}

std::string delete_rows(std::string_view table, const row_address& where) {
    const auto address = address_of(where);
    given_rows given;
    given.add(table, address);
    guarded_change made;
    made.before = given.text() + locked_rows(table, where.key, 1, "UPDATE");
    auto& out = made.change;
    out = "DELETE FROM ";
    append_table(out, table);
    out.append(" AS changed USING wharf_locked AS given WHERE ");
    append_join(out, address, 1);
    made.row = "given.n";
    made.expected = number_of_given;
    made.numbered = true;
    return guarded(made, {});
}

} // namespace wharf::sql
