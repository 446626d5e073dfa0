#include "wharf/pool/statements.hpp"

#include "wharf/base/error.hpp"

#include <exception>
#include <span>

namespace wharf {
namespace detail {
io::op<result> run_statement(lease_use on, std::string sql, parameters values) {
    result found;
    batch_item item;
    item.sql = sql;
    item.values = &values;
    item.rows = &found;
    co_await on.core().run(std::span(&item, 1)); // what run_one() does, without its frame
    if (item.error) std::rethrow_exception(item.error);
    found.set_affected(item.affected);
    co_return std::move(found);
}

io::op<affected> execute_statement(lease_use on, std::string sql, parameters values) {
    batch_item item;
    item.sql = sql;
    if (!values.empty()) item.values = &values;
    co_await on.core().run(std::span(&item, 1));
    if (item.error) std::rethrow_exception(item.error);
    affected out;
    out.rows = item.affected;
    co_return out;
}

io::op<void> send_notification(lease_use on, std::string channel, std::string payload) {
    if (on.core().underlying().kind() != backend::postgres) throw usage_error("only PostgreSQL has LISTEN and NOTIFY");
    parameters values;
    encode_parameter(values, channel);
    encode_parameter(values, payload);
    static_cast<void>(
        co_await execute_statement(std::move(on), "SELECT pg_catalog.pg_notify($1, $2)", std::move(values)));
}

io::op<std::vector<script_result>> run_script(lease_use on, std::string text, script_options options) {
    auto outcome = co_await on.core().run_script(text, options);
    if (outcome.error) std::rethrow_exception(outcome.error);
    co_return std::move(outcome.results);
}

io::op<void> commit_level(lease_use on, transaction_level which) {
    auto& core = on.core();
    core.require_open(which.level, which.serial);
    co_await core.commit(which.level);
}

io::op<void> roll_back_level(lease_use on, transaction_level which) {
    auto& core = on.core();
    core.require_open(which.level, which.serial);
    co_await core.rollback(which.level);
}

void abandon_level(const lease_link& on, transaction_level which) noexcept {
    auto* core = on.get();
    if (core != nullptr && core->is_open(which.level, which.serial)) core->abandon(which.level);
}

transaction_level open_savepoint(const lease_link& on, transaction_level outer) {
    auto& core = on.use().core();
    core.require_open(outer.level, outer.serial);
    if (core.levels() != outer.level + 1) throw usage_error("a savepoint is open within this one; nest in that");
    transaction_level out;
    out.level = core.savepoint();
    out.serial = core.serial(out.level);
    return out;
}

} // namespace detail
} // namespace wharf
