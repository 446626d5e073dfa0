#include "wharf/schema/create_tables.hpp"

#include "wharf/connection/batch.hpp"

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

} // namespace

io::op<void> run_ddl(lease_use on, class_list classes, statement_source make) {
    auto& connection = on.core();
    const auto kind = connection.underlying().kind();
    const auto statements = make(classes, kind);
    auto items = make_batch(statements, kind);
    if (connection.in_transaction()) {
        co_await connection.run(items);
        throw_first_error(items);
        co_return;
    }
    transaction_options options;
    options.immediate = true;
    const auto level = connection.begin(options);
    co_await connection.run(items, then::commit);
    for (const auto& item : items)
        if (item.error) connection.abandon(level);
    throw_first_error(items);
}

io::op<void> run_ddl(io::op<lease> acquiring, class_list classes, statement_source make) {
    const auto lent = co_await std::move(acquiring);
    co_await run_ddl(lent.use(), std::move(classes), make);
}

} // namespace wharf::schema
