#include "orm/session_parts.hpp"

#include "connection/single_statement.hpp"
#include "connection/statement_verb.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <chrono>

namespace wharf::orm {
namespace {

std::string quote(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& caught) {
        return caught.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

/// Makes the session fail unless it is told that all went well: also when the op is destroyed half-way.
class interruption_guard {
public:
    explicit interruption_guard(session_parts& of) noexcept : of_(&of) {}
    interruption_guard(const interruption_guard&) = delete;
    interruption_guard& operator=(const interruption_guard&) = delete;
    ~interruption_guard() {
        if (of_ == nullptr || of_->tx.has_failed()) return;
        of_->tx.fail(std::make_exception_ptr(cancelled("a call of the session was abandoned half-way")));
    }
    void all_went_well() noexcept { of_ = nullptr; }

private:
    session_parts* of_;
};

bool begins_strict(const engine_core& engine, const transaction_options& options) noexcept {
    const auto asked = options.isolation;
    if (asked != isolation::server_default) return asked != isolation::read_committed;
    if (engine.kind() == backend::sqlite) return false; // its UPDATEs are checked
    return engine.default_isolation() != isolation::read_committed;
}

/// How long a statement may wait for a lock when all must be over by then; empty: as long as it takes.
std::string lock_wait_within(time_point deadline) {
    if (deadline == never) return {};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
    return std::to_string(std::max<std::int64_t>(left.count() * 4 / 5, 1)) + "ms";
}

bool begins_or_ends(statement_verb verb) noexcept {
    return verb != statement_verb::read && verb != statement_verb::procedure && verb != statement_verb::other;
}

std::exception_ptr ended_by_sql(ended_outside how) {
    const char* const end = how == ended_outside::committed ? "committed" : "rolled back";
    return std::make_exception_ptr(
        usage_error(std::string("SQL that this session ran has ended its transaction: it was ") + end +
                    ", and the session's objects have not learnt of it"));
}

std::exception_ptr first_error(std::span<const batch_item> items) {
    for (const auto& item : items)
        if (item.error && !item.skipped) return item.error;
    return {};
}

/// Whether SQLite has refused to write after what the transaction had read was changed.
bool is_outdated(const std::exception_ptr& error) {
    if (!error) return false;
    try {
        std::rethrow_exception(error);
    } catch (const serialization_failure&) {
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace

void leave_call(session_parts& parts, call_gate::state after) noexcept {
    parts.gate.leave(after);
    do_what_was_asked(parts);
}

void do_what_was_asked(session_parts& parts) noexcept {
    while (parts.gate.asked() != call_gate::wish::none) {
        auto before = call_gate::state::free;
        if (!parts.gate.try_enter(before)) return; // whoever is inside comes here
        const auto asked = parts.gate.take();
        if (asked == call_gate::wish::none || asked == call_gate::wish::abandon) {
            if (asked == call_gate::wish::abandon) abandon_now(parts, parts.abandoned);
            parts.gate.leave(before);
        } else {
            close_now(parts);
            parts.gate.leave(asked == call_gate::wish::end ? call_gate::state::ended : call_gate::state::free);
        }
    }
}

void session_parts::require_usable() const {
    if (!tx.has_failed()) return;
    throw transaction_failed("the transaction of this session failed earlier; call rollback() first. What failed: " +
                             quote(tx.failure()));
}

void session_parts::release_connection() noexcept {
    if (!lent) return;
    lent.core().observe(nullptr);
    lent.release();
}

void session_parts::note_raw_sql(std::string_view sql) {
    const auto verb = verb_of(sql);
    if (begins_or_ends(verb)) {
        throw usage_error("raw SQL must not begin or end the transaction or a savepoint of a session, whose objects "
                          "would not learn of it: use commit(), rollback(), begin() and savepoint(). The statement: " +
                          std::string(sql.substr(0, 200)));
    }
    if (verb != statement_verb::read) tx.note_foreign_write();
    tx.wrote = true; // a SELECT may call a function that writes
}

void session_parts::prepare_for_reads() {
    if (!tx.is_open() && !tx.strict && begins_strict(*engine, tx.options)) expire_for_strict(*this);
}

io::op<connection_core*> session_parts::connect() {
    if (lent) co_return &lent.core();
    auto got = engine->pool().try_acquire_now();
    if (!got) got = co_await engine->pool().acquire();
    lent = std::move(got);
    if (!tx.strict && begins_strict(*engine, tx.options)) expire_for_strict(*this);
    tx.open();
    auto& connection = lent.core();
    if (std::exchange(outdated, false)) tx.options.immediate = true;
    connection.begin(tx.options);
    for (std::size_t i = 1; i < tx.level_count(); ++i)
        connection.savepoint();
    co_return &connection;
}

io::op<void> session_parts::run(std::span<batch_item> items, then afterwards) {
    auto* const connection = co_await connect();
    engine->before_batch(items);
    connection->observe(engine->is_watched() ? &engine->observer() : nullptr);
    const auto& running = co_await io::this_task();
    const bool is_postgres = engine->kind() == backend::postgres;
    const bool asks = is_postgres && engine->default_isolation() == isolation::server_default &&
                      tx.options.isolation == isolation::server_default;
    const bool commits = is_postgres && afterwards == then::commit && !items.empty();
    const auto patience = commits ? lock_wait_within(running.deadline()) : std::string();
    interruption_guard guard(*this);
    try {
        if (asks || !patience.empty()) {
            co_await run_behind(*connection, asks, patience, items, afterwards);
        } else {
            co_await connection->run(items, afterwards);
        }
    } catch (...) {
        tx.fail(std::current_exception());
        throw;
    }
    guard.all_went_well();
    if (engine->kind() == backend::sqlite && is_outdated(first_error(items))) outdated = true;
    if (afterwards == then::commit) co_return;
    if (!connection->in_transaction()) { // ON CONFLICT ROLLBACK, a procedure
        const auto failed = first_error(items);
        tx.fail_all(failed ? failed : ended_by_sql(connection->outside_end()));
    } else if (connection->underlying().status() == transaction_status::failed && !tx.has_failed()) {
        if (const auto failed = first_error(items)) tx.fail(failed);
    }
}

io::op<void> session_parts::run_behind(connection_core& connection, bool asks, const std::string& patience,
                                       std::span<batch_item> items, then afterwards) {
    result answer;
    parameters longest;
    std::vector<batch_item> all;
    if (asks) {
        auto& question = all.emplace_back();
        question.sql = "SHOW transaction_isolation";
        question.rows = &answer;
    }
    if (!patience.empty()) {
        // A wait for a lock that would end by the deadline, with COMMIT under way, ends before as an error of its
        // statement.
        longest.add_encoded(type_oid::text, patience);
        auto& setting = all.emplace_back();
        setting.sql = "SELECT pg_catalog.set_config('lock_timeout', $1, true) WHERE "
                      "pg_catalog.current_setting('lock_timeout') = '0' OR "
                      "pg_catalog.current_setting('lock_timeout')::pg_catalog.interval > $1::pg_catalog.interval";
        setting.values = &longest;
    }
    const auto in_front = static_cast<std::ptrdiff_t>(all.size());
    for (auto& own : all)
        own.internal = true;
    all.insert(all.end(), items.begin(), items.end());
    co_await connection.run(all, afterwards);
    std::copy(all.begin() + in_front, all.end(), items.begin());
    if (!asks || all.front().error || answer.empty()) co_return;
    auto row = answer[0];
    const auto level = row.next().bytes;
    const bool is_strict = level == "repeatable read" || level == "serializable";
    engine->set_default_isolation(is_strict ? isolation::serializable : isolation::read_committed);
    if (!is_strict) end_strict(*this);
}

io::op<std::unique_ptr<row_stream>> session_parts::open_rows(std::string_view sql, const parameters& values,
                                                             stream_options how) {
    auto* const connection = co_await connect();
    batch_item seen;
    seen.sql = sql;
    seen.values = &values;
    engine->before_batch(std::span(&seen, 1));
    connection->underlying().observe(engine->is_watched() ? &engine->observer() : nullptr);
    interruption_guard guard(*this);
    std::unique_ptr<row_stream> opened;
    std::exception_ptr thrown;
    try {
        opened = co_await connection->open_rows(sql, &values, how);
    } catch (...) {
        thrown = std::current_exception();
    }
    guard.all_went_well();
    if (thrown) fail_unless_unharmed(thrown);
    co_return std::move(opened);
}

io::op<row_chunk> session_parts::next_rows(row_stream& from) {
    interruption_guard guard(*this);
    row_chunk chunk;
    std::exception_ptr thrown;
    try {
        chunk = co_await from.next();
    } catch (...) {
        thrown = std::current_exception();
    }
    guard.all_went_well();
    if (thrown) fail_unless_unharmed(thrown);
    co_return chunk;
}

void session_parts::fail_unless_unharmed(const std::exception_ptr& error) {
    const auto& connection = lent.core();
    if (!connection.usable() || connection.underlying().status() == transaction_status::failed) tx.fail(error);
    std::rethrow_exception(error);
}

io::op<result> session_parts::run_one(std::string_view sql, parameters values) {
    single_statement one(sql, std::move(values));
    co_await run(one.batch());
    co_return one.take();
}

} // namespace wharf::orm
