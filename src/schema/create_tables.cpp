#include "wharf/schema/create_tables.hpp"

#include "connection/identifiers.hpp"
#include "schema/index_names.hpp"
#include "schema/table_order.hpp"
#include "sql/text.hpp"
#include "wharf/base/error.hpp"
#include "wharf/connection/batch.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"
#include "wharf/row/rows.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace wharf::schema {

namespace {

// Two sessions that create the same table at once would both find it missing, and one would fail in the catalogue.
// The number is wharf's own.
constexpr std::string_view one_at_a_time = "SELECT pg_catalog.pg_advisory_xact_lock(8243108742661713991)";

std::vector<batch_item> make_batch(const std::vector<std::string>& statements, backend kind) {
    std::vector<batch_item> items;
    items.reserve(statements.size() + 1);
    if (kind == backend::postgres) items.push_back({.sql = one_at_a_time});
    for (const auto& statement : statements)
        items.push_back({.sql = statement, .utility = true});
    items.back().end_of_group = true;
    return items;
}

/// Whether there is an index of that name ($1) on that table ($2).
std::string index_question(backend kind, const planned_index& index) {
    if (kind == backend::postgres)
        return "SELECT count(*) FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass($1::text) AND "
               "indrelid = pg_catalog.to_regclass($2::text)";
    std::string out = "SELECT count(*) FROM ";
    if (const auto point = index.type->table.find('.'); point != std::string_view::npos) {
        append_identifier(out, index.type->table.substr(0, point));
        out.push_back('.');
    }
    return out.append("sqlite_schema WHERE type = 'index' AND name = $1 AND tbl_name = $2 COLLATE NOCASE");
}

/// IF NOT EXISTS passes over an index whose name something else has, such as one of a table that was made before.
io::op<void> require_indexes(connection_core& connection, const class_list& classes) {
    const auto kind = connection.underlying().kind();
    const auto order = order_tables(classes);
    const auto indexes = plan_indexes(order.classes);
    std::vector<std::string> texts;
    std::vector<parameters> values(indexes.size());
    std::vector<result> found(indexes.size());
    std::vector<batch_item> items(indexes.size());
    texts.reserve(indexes.size());
    for (std::size_t i = 0; i != indexes.size(); ++i) {
        const auto& index = indexes[i];
        texts.push_back(index_question(kind, index));
        if (kind == backend::postgres)
            encode_parameters(values[i], index.quoted_name(), sql::quoted_table(index.type->table));
        else
            encode_parameters(values[i], index.name, without_schema(index.type->table));
        items[i].sql = texts[i];
        items[i].values = &values[i];
        items[i].rows = &found[i];
    }
    if (items.empty()) co_return;
    co_await connection.run(items);
    throw_first_error(items);
    for (std::size_t i = 0; i != indexes.size(); ++i) {
        if (rows<std::int64_t>(found[i]).one() != 0) continue;
        throw configuration_error("the index \"" + indexes[i].name + "\" of table " +
                                  std::string(indexes[i].type->table) +
                                  " was not created: something else in the database has that name. Create both tables "
                                  "in one call, which tells their indexes apart, or rename the other one");
    }
}

} // namespace

io::op<void> run_ddl(lease_use on, class_list classes, statement_source make) {
    auto& connection = on.core();
    const auto kind = connection.underlying().kind();
    const auto statements = make(classes, kind);
    auto items = make_batch(statements, kind);
    const bool inside = connection.in_transaction();
    std::size_t level = 0;
    if (!inside) {
        transaction_options options;
        options.immediate = true;
        level = connection.begin(options);
    }
    std::exception_ptr failure;
    try {
        co_await connection.run(items);
        throw_first_error(items);
        if (make == &create_table_statements) co_await require_indexes(connection, classes);
        if (!inside) co_await connection.commit(level);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    if (!inside) connection.abandon(level);
    std::rethrow_exception(failure);
}

io::op<void> run_ddl(io::op<lease> acquiring, class_list classes, statement_source make) {
    const auto lent = co_await std::move(acquiring);
    co_await run_ddl(lent.use(), std::move(classes), make);
}

} // namespace wharf::schema
