#include "sqlite/batch.hpp"

#include "connection/statement_verb.hpp"
#include "sqlite/errors.hpp"
#include "sqlite/execution.hpp"
#include "sqlite/foreign_key_error.hpp"
#include "sqlite/keyword.hpp"
#include "sqlite/row_writer.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace wharf::sqlite {

batch::batch(std::shared_ptr<database> on, std::span<const batch_item> items, bool reset_first, bool transaction_failed)
    : on_(std::move(on)), items_(items.size()), reset_first_(reset_first), transaction_failed_(transaction_failed) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& made = items_[i];
        made.sql = items[i].sql;
        made.rest = made.sql;
        made.has_values = items[i].values != nullptr;
        if (made.has_values) made.values = *items[i].values;
        made.wants_rows = items[i].rows != nullptr;
        made.utility = items[i].utility;
        made.end_of_group = items[i].end_of_group;
    }
}

batch::stop batch::run() {
    on_->note_thread();
    if (std::exchange(reset_first_, false)) {
        reset();
        transaction_failed_ = false;
    }
    while (next_ < items_.size()) {
        on_->throw_if_stopped();
        if (next_ == group_end_ && !enter_group()) return stop::needs_gate;
        if (!group_failed_ && !run_item(items_[next_])) return stop::needs_gate;
        if (group_failed_)
            skip_group();
        else
            ++next_;
        if (next_ == group_end_) finish_group();
    }
    if (on_->in_transaction())
        on_->note_holder();
    else
        on_->leave_gate();
    return stop::done;
}

void batch::reset() {
    try {
        on_->reset();
    } catch (const error& failed) {
        throw connection_lost("the connection to SQLite could not be reset: " + std::string(failed.what()));
    }
}

bool batch::enter_group() {
    auto end = next_;
    while (end < items_.size() && !items_[end].end_of_group)
        ++end;
    const auto group_end = std::min(end + 1, items_.size());
    group_begin_ = next_;
    group_end_ = group_end;
    group_failed_ = false;
    if (!group_is_transaction()) return true;
    const bool writes = group_writes();
    if (writes && !on_->try_hold_gate()) {
        group_end_ = next_; // to enter it again
        return false;
    }
    try {
        on_->execute(writes ? "BEGIN IMMEDIATE" : "BEGIN");
        own_transaction_ = true;
    } catch (const database_error&) {
        fail(items_[next_], std::current_exception());
    }
    return true;
}

// Several statements outside a transaction succeed or fail together, as PostgreSQL's pipeline does up to its Sync.
bool batch::group_is_transaction() const {
    if (group_end_ - next_ < 2 || transaction_failed_ || on_->in_transaction()) return false;
    return std::all_of(items_.begin() + static_cast<std::ptrdiff_t>(next_),
                       items_.begin() + static_cast<std::ptrdiff_t>(group_end_),
                       [](const item& what) { return !what.utility && may_run_in_transaction(what.sql); });
}

// Entering the gate before BEGIN keeps a transaction that reads first from finding its snapshot outdated.
bool batch::group_writes() {
    for (auto index = next_; index < group_end_; ++index) {
        try {
            std::string_view sql = items_[index].sql;
            if (on_->prepare(sql).writes()) return true;
        } catch (const database_error&) {
            continue; // it may refer to a table that an earlier one makes; if not, it fails when it is its turn
        }
    }
    return false;
}

void batch::finish_group() {
    if (!std::exchange(own_transaction_, false)) return;
    auto& last = items_[group_end_ - 1];
    try {
        if (!group_failed_) on_->execute("COMMIT");
    } catch (const foreign_key_violation&) {
        last.error = foreign_key_error(*on_, "COMMIT");
    } catch (const database_error&) {
        last.error = std::current_exception();
    }
    last.undone = !group_failed_ && last.error; // by its commit
    group_failed_ = group_failed_ || last.undone;
    if (group_failed_) undo_group();
    if (on_->in_transaction()) on_->execute("ROLLBACK");
}

void batch::undo_group() noexcept {
    for (auto index = group_begin_; index < group_end_; ++index)
        if (!items_[index].error) items_[index].undone = true;
}

bool batch::run_item(item& what) {
    const bool in_transaction = on_->in_transaction();
    try {
        if (transaction_failed_) {
            run_in_failed_transaction(what);
            return true;
        }
        if (!run_command(what)) return false;
    } catch (const database_error&) {
        fail(what, std::current_exception());
    } catch (const conversion_error&) {
        fail(what, std::current_exception());
    }
    // Some errors make SQLite roll back. What follows must not run as if there had been no transaction.
    if (what.error && in_transaction && !on_->in_transaction() && !own_transaction_ && !ends_transaction(what.sql))
        transaction_failed_ = true;
    return true;
}

bool batch::run_command(item& what) {
    do {
        const auto before = what.rest;
        auto rest = what.rest;
        auto& prepared = on_->prepare(rest);
        if (!rest.empty() && !what.utility && prepared && !is_blank(rest)) {
            std::rethrow_exception(make_error("42601", "a statement is one command; this text has several", what.sql));
        }
        if (prepared) {
            if (prepared.writes() && !on_->try_hold_gate()) return false;
            run_statement(what, prepared, before);
        }
        what.rest = rest;
    } while (what.utility && !what.rest.empty());
    return true;
}

void batch::run_statement(item& what, statement& prepared, std::string_view sql) {
    if (prepared.changes_session()) on_->note_session_change();
    const execution scope(prepared);
    prepared.bind(what.has_values ? &what.values : nullptr, sql);
    const auto changes_before = sqlite3_total_changes64(on_->handle());
    std::uint64_t rows = 0;
    int code = prepared.step();
    if (code == SQLITE_ROW || code == SQLITE_DONE) what.rows.set_shape(prepared.shape());
    for (; code == SQLITE_ROW; code = prepared.step()) {
        if (what.wants_rows) write_row(prepared.handle(), what.rows);
        ++rows;
    }
    if (code != SQLITE_DONE) {
        auto error = error_of(code, prepared, what.sql);
        if ((code & 0xFF) == SQLITE_INTERRUPT || (code & 0xFF) == SQLITE_BUSY) on_->throw_if_stopped();
        std::rethrow_exception(std::move(error));
    }
    if (!prepared.writes())
        what.affected = rows;
    else if (sqlite3_total_changes64(on_->handle()) != changes_before)
        what.affected = static_cast<std::uint64_t>(sqlite3_changes64(on_->handle()));
}

std::exception_ptr batch::error_of(int code, statement& failed, std::string_view sql) {
    const bool foreign_key = is_foreign_key_failure(on_->handle(), code);
    auto error = on_->error(code, sql);
    return foreign_key ? foreign_key_error(*on_, failed, sql) : error;
}

void batch::run_in_failed_transaction(const item& what) {
    if (!ends_transaction(what.sql)) {
        std::rethrow_exception(make_error(
            "25P02", "not run: an earlier error has rolled back the transaction; end it with ROLLBACK", what.sql));
    }
    transaction_failed_ = false;
    if (first_keyword(what.sql) == "ROLLBACK") return;
    std::rethrow_exception(make_error(
        "25P02", "the transaction was rolled back instead of committed: an earlier error had ended it", what.sql));
}

void batch::fail(item& what, std::exception_ptr error) {
    what.error = std::move(error);
    what.rows.clear();
    group_failed_ = true;
}

void batch::skip_group() {
    for (++next_; next_ < group_end_; ++next_) {
        auto& skipped = items_[next_];
        skipped.skipped = true;
        skipped.error =
            make_error("25P02", "not run: aborted by the error of another statement of its group", skipped.sql);
    }
}

void batch::give_up_gate(std::exception_ptr why) {
    auto& waiting = items_[next_];
    if (next_ == group_end_) {
        // It was to be entered before its BEGIN.
        group_end_ =
            static_cast<std::size_t>(std::find_if(items_.begin() + static_cast<std::ptrdiff_t>(next_), items_.end(),
                                                  [](const item& what) { return what.end_of_group; }) -
                                     items_.begin());
        group_end_ = std::min(group_end_ + 1, items_.size());
    }
    fail(waiting, std::move(why));
}

void batch::deliver(std::span<batch_item> items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& done = items_[i];
        items[i].affected = done.affected;
        items[i].error = std::move(done.error);
        items[i].skipped = done.skipped;
        items[i].undone = done.undone;
        if (items[i].rows == nullptr) continue;
        done.rows.set_affected(done.affected);
        *items[i].rows = std::move(done.rows);
    }
}

bool batch::commits() const noexcept {
    return std::ranges::any_of(items_, [](const item& each) { return verb_of(each.sql) == statement_verb::commit; });
}

transaction_status batch::status() const noexcept {
    if (transaction_failed_) return transaction_status::failed;
    return on_->in_transaction() ? transaction_status::active : transaction_status::idle;
}

} // namespace wharf::sqlite
