#include "wharf/connection/connection_core.hpp"

#include "base/words.hpp"
#include "connection/busy_scope.hpp"
#include "connection/on_driver.hpp"
#include "connection/single_statement.hpp"
#include "connection/statement_verb.hpp"
#include "connection/utility_item.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wharf {
namespace {

std::string savepoint_name(std::size_t level) {
    return "wharf_" + std::to_string(level);
}

// By its first letter: DELETE, INSERT, SELECT, UPDATE, WITH. It saves a look at the words of nearly all statements.
bool changes_rows_or_reads(std::string_view sql) noexcept {
    constexpr std::string_view letters = "disuwDISUW";
    return !sql.empty() && letters.find(sql.front()) != std::string_view::npos;
}

/// The BEGIN, SAVEPOINT and ROLLBACK in front of a batch, the batch, and the COMMIT behind it.
struct framed_batch {
    std::vector<batch_item> items{};
    std::size_t prefix{0};

    void add_inner(std::span<const batch_item> inner, bool one_group) {
        prefix = items.size();
        items.insert(items.end(), inner.begin(), inner.end());
        if (!one_group) return;
        for (auto& item : std::span(items).subspan(prefix))
            item.end_of_group = false;
    }
    void copy_inner_to(std::span<batch_item> inner) const {
        for (std::size_t i = 0; i < inner.size(); ++i) {
            const auto& done = items[prefix + i];
            inner[i].affected = done.affected;
            inner[i].error = done.error;
            inner[i].skipped = done.skipped;
            inner[i].undone = done.undone;
        }
    }
};

constexpr std::string_view pool_is_closed =
    "the pool was closed, and this connection, which was still lent when the time of close() was over, with it";

} // namespace

connection_core::connection_core(std::unique_ptr<driver> opened) : driver_(std::move(opened)) {}

io::op<result> connection_core::run_one(std::string_view sql, parameters values) {
    single_statement one(sql, std::move(values));
    co_await run(one.batch());
    co_return one.take();
}

io::op<void> connection_core::run(std::span<batch_item> items, then afterwards) {
    const busy_scope in_use(busy_);
    require_usable();
    if (!pending_.empty() || (afterwards == then::commit && in_transaction())) {
        co_await run_with_prefix(items, afterwards);
    } else if (!items.empty()) {
        const auto work = [&] { return driver_->run(items); };
        co_await on_driver(work, items.front().sql);
        follow(items);
    }
    left_stream_ = false;
    follow_status();
}

std::vector<batch_item> connection_core::front_items(std::span<const pending_statement> pending, std::size_t room_for) {
    std::vector<batch_item> items;
    items.reserve(pending.size() + room_for);
    for (const auto& statement : pending) {
        items.push_back(utility_item(statement.sql));
        items.back().end_of_group = statement.owner == 0; // a ROLLBACK, or a later BEGIN would be skipped with it
    }
    return items;
}

io::op<void> connection_core::run_with_prefix(std::span<batch_item> items, then afterwards) {
    taken_statements taken(*this);
    const auto& prefix = taken.all();
    const bool commits = afterwards == then::commit && in_transaction();
    // The server answers COMMIT with a rollback where an error came before, and calls that a success.
    const bool lost = commits && prefix.empty() && items.empty() && driver_->status() == transaction_status::failed;

    framed_batch all;
    all.items = front_items(prefix, items.size() + 1);
    const bool begins = !prefix.empty() && in_transaction();
    all.add_inner(items, begins || commits);
    if (commits) all.items.push_back(utility_item(lost ? "ROLLBACK" : "COMMIT"));

    const auto work = [&] { return driver_->run(all.items); };
    const auto shown = items.empty() ? all.items.back().sql : items.front().sql;
    co_await on_driver(work, shown, &taken);

    taken.sent();
    all.copy_inner_to(items);
    follow(items);
    const bool has_committed = commits && !all.items.back().skipped;
    throw_prefix_error(all.items, prefix);
    if (!has_committed) co_return;
    if (all.items.back().error) {
        leave(0); // SQLite keeps the transaction open when COMMIT fails
        std::rethrow_exception(all.items.back().error);
    }
    end_levels(0);
    if (lost) {
        diagnostic fields;
        fields.severity = "ERROR";
        fields.sqlstate = "25P02";
        fields.message = "the transaction was rolled back instead of committed: one of its statements had failed";
        throw_database_error(std::move(fields));
    }
}

std::vector<connection_core::pending_statement> connection_core::take_pending() {
    for (auto& open : levels_)
        open.sent = true;
    return std::exchange(pending_, {});
}

void connection_core::put_back(std::vector<pending_statement> unsent) {
    std::erase_if(unsent, [this](const pending_statement& statement) {
        return statement.opens && statement.owner > levels_.size(); // it has ended meanwhile
    });
    for (const auto& statement : unsent)
        if (statement.opens) levels_[statement.owner - 1].sent = false;
    unsent.insert(unsent.end(), std::make_move_iterator(pending_.begin()), std::make_move_iterator(pending_.end()));
    pending_ = std::move(unsent);
}

void connection_core::throw_prefix_error(std::span<const batch_item> items, std::span<const pending_statement> prefix) {
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        if (!items[i].error) continue;
        if (prefix[i].opens) end_levels(prefix[i].owner - 1);
        if (driver_->status() == transaction_status::idle) end_levels(0);
        std::rethrow_exception(items[i].error);
    }
}

io::op<script_outcome> connection_core::run_script(std::string_view text, script_options options) {
    const std::span<batch_item> no_items;
    if (!pending_.empty()) co_await run(no_items);
    const busy_scope in_use(busy_);
    require_usable();
    const auto work = [&] { return driver_->run_script(text, options); };
    script_outcome outcome = co_await on_driver(work, text);
    left_stream_ = false;
    follow(outcome);
    follow_status();
    co_return std::move(outcome);
}

io::op<void> connection_core::run_utility(std::string sql) {
    auto item = utility_item(sql);
    co_await run(std::span(&item, 1));
    if (item.error) std::rethrow_exception(item.error);
}

std::size_t connection_core::begin(const transaction_options& options) {
    if (in_transaction()) {
        throw usage_error("a transaction is already open on this connection; use a savepoint to nest");
    }
    push_level(begin_statement(driver_->kind(), options));
    outside_end_ = ended_outside::no;
    return 0;
}

std::size_t connection_core::savepoint() {
    if (!in_transaction()) throw usage_error("a savepoint needs an open transaction");
    const auto number = levels_.size();
    push_level("SAVEPOINT " + savepoint_name(number));
    return number;
}

io::op<void> connection_core::commit(std::size_t level) {
    require_level(level);
    if (!levels_[level].sent) {
        std::erase_if(pending_, [level](const pending_statement& statement) { return statement.owner > level; });
        end_levels(level);
        co_return;
    }
    if (level == 0) {
        const std::span<batch_item> no_items;
        co_await run(no_items, then::commit);
    } else {
        co_await run_utility("RELEASE SAVEPOINT " + savepoint_name(level));
        end_levels(level);
    }
}

io::op<void> connection_core::rollback(std::size_t level) {
    require_level(level);
    if (busy())
        throw concurrent_use("this connection is running a statement; its transaction cannot be ended meanwhile");
    leave(level);
    const std::span<batch_item> no_items;
    co_await run(no_items);
}

void connection_core::abandon(std::size_t level) noexcept {
    leave(level);
    if (level == 0 && pending_.size() == 1 && pending_.front().owner == 0) static_cast<void>(roll_back_now());
}

// What else is open on it - a stream, a COPY, a statement that was given up - comes first, and takes time.
bool connection_core::undo_now(undo how) noexcept {
    if (busy() || left_stream_ || !driver_->usable()) return false;
    if (how == undo::transaction && driver_->status() == transaction_status::idle) return false;
    const bool done = driver_->undo_now(how);
    if (driver_->status() != transaction_status::idle) return false;
    if (!pending_.empty() && pending_.front().owner == 0) pending_.erase(pending_.begin());
    left_stream_ = !done && driver_->awaits_undo(); // a ping takes the rest
    return done;
}

io::op<void> connection_core::take_other_driver(std::exception_ptr why) {
    if (source_ == nullptr) std::rethrow_exception(why);
    co_await source_->replace_driver(std::move(why));
}

std::unique_ptr<driver> connection_core::exchange_driver(std::unique_ptr<driver> other) noexcept {
    driver_.swap(other);
    driver_->observe(observers_.target());
    other->observe(nullptr);
    return other;
}

void connection_core::leave(std::size_t level) noexcept {
    if (level >= levels_.size()) return;
    const bool sent = levels_[level].sent;
    end_levels(level);
    std::erase_if(pending_, [level](const pending_statement& statement) { return statement.owner > level; });
    if (!sent || driver_->status() == transaction_status::idle) return;
    if (level == 0) {
        pending_.push_back({"ROLLBACK", 0, false});
    } else {
        pending_.push_back({"ROLLBACK TO SAVEPOINT " + savepoint_name(level), level, false});
        pending_.push_back({"RELEASE SAVEPOINT " + savepoint_name(level), level, false});
    }
}

bool connection_core::needs_clean_up() const noexcept {
    return driver_->status() != transaction_status::idle || in_transaction() || !pending_.empty() || left_stream_;
}

io::op<void> connection_core::clean_up() {
    abandon_copy(copy_);
    co_await settle();
    if (forget_unsent()) co_return;
    if (std::exchange(left_stream_, false)) co_await driver_->ping(); // takes the rest
    if (driver_->status() != transaction_status::idle) co_await run_utility("ROLLBACK");
}

void connection_core::require_usable() const {
    if (ended_with_pool_) throw connection_lost(std::string(pool_is_closed));
    if (driver_->usable()) return;
    throw connection_lost("the connection has ended or was left in an uncertain state by an earlier failure");
}

void connection_core::explain(std::string_view sql, const io::task& running) const {
    try {
        throw;
    } catch (commit_outcome_unknown& unknown) {
        if (ended_with_pool_) unknown.add_note(pool_is_closed);
        throw;
    } catch (timed_out& late) {
        if (running.limit() != duration::zero()) late.add_note("the limit was " + detail::in_words(running.limit()));
        if (!sql.empty()) late.add_note("while this ran: " + detail::start_of(sql));
        throw;
    } catch (const connection_error&) {
        if (ended_with_pool_) throw connection_lost(std::string(pool_is_closed));
        throw;
    } catch (const cancelled&) {
        if (ended_with_pool_) throw connection_lost(std::string(pool_is_closed));
        throw;
    }
}

io::op<void> connection_core::settle() {
    const busy_scope in_use(busy_);
    co_await driver_->settle();
}

void connection_core::observe(statement_observer* observer) noexcept {
    observers_.watch_for_user(observer);
    driver_->observe(observers_.target());
}

void connection_core::observe_always(statement_observer* observer) noexcept {
    observers_.watch_for_owner(observer);
    driver_->observe(observers_.target());
}

std::shared_ptr<statement_canceller> connection_core::canceller() {
    gave_canceller_ = true;
    return driver_->canceller();
}

void connection_core::retire_cancellers() noexcept {
    gave_canceller_ = false;
    driver_->retire_cancellers();
}

void connection_core::require_level(std::size_t level) const {
    if (level < levels_.size()) return;
    throw usage_error(has_ended(level));
}

void connection_core::require_open(std::size_t level, std::uint64_t serial) const {
    if (!is_open(level, serial)) throw usage_error(has_ended(level));
}

std::string connection_core::has_ended(std::size_t level) const {
    std::string text = level == 0 ? "this transaction has ended" : "this savepoint has ended";
    if (outside_end_ == ended_outside::committed) text += ": a COMMIT was run as a statement";
    if (outside_end_ == ended_outside::rolled_back) text += ": a ROLLBACK was run as a statement";
    return text;
}

// What the borrower's own statements do to the transaction. One that they open behind it, by AND CHAIN or BEGIN, has no
// level.
void connection_core::follow(std::span<const batch_item> statements) noexcept {
    if (levels_.empty()) return;
    for (const batch_item& statement : statements) {
        if (statement.error || statement.prepare_only || changes_rows_or_reads(statement.sql)) continue;
        const statement_verb verb = verb_of(statement.sql);
        if (verb == statement_verb::commit) end_outside(ended_outside::committed);
        if (verb == statement_verb::rollback) end_outside(ended_outside::rolled_back);
    }
}

// The server calls ROLLBACK TO SAVEPOINT a ROLLBACK too.
void connection_core::follow(const script_outcome& script) noexcept {
    bool rolled_back = false;
    for (const script_result& statement : script.results) {
        const statement_verb verb = verb_of(statement.command());
        if (verb == statement_verb::commit) end_outside(ended_outside::committed);
        if (verb == statement_verb::begin && rolled_back) end_outside(ended_outside::rolled_back);
        rolled_back = verb == statement_verb::rollback;
    }
}

void connection_core::follow_status() noexcept {
    if (driver_->status() == transaction_status::idle) end_outside(ended_outside::rolled_back);
}

void connection_core::end_outside(ended_outside how) noexcept {
    if (levels_.empty()) return;
    outside_end_ = how;
    end_levels(0);
}

void connection_core::push_level(std::string sql) {
    levels_.reserve(levels_.size() + 1);
    pending_.push_back({std::move(sql), levels_.size() + 1, true});
    levels_.push_back({false, ++serials_});
}

void connection_core::end_levels(std::size_t first) noexcept {
    if (first < levels_.size()) levels_.erase(levels_.begin() + static_cast<std::ptrdiff_t>(first), levels_.end());
}

} // namespace wharf
