#include "sqlite/script.hpp"

#include "sqlite/errors.hpp"
#include "sqlite/execution.hpp"
#include "sqlite/foreign_key_error.hpp"
#include "sqlite/keyword.hpp"
#include "sqlite/row_writer.hpp"
#include "wharf/base/database_error.hpp"

#include <sqlite3.h>

#include <utility>

namespace wharf::sqlite {

script::script(std::shared_ptr<database> on, std::string_view text, script_options options)
    : on_(std::move(on)), text_(text), rest_(text_), options_(options) {}

script::stop script::run() {
    on_->note_thread();
    try {
        while (!is_blank(rest_)) {
            on_->throw_if_stopped();
            auto rest = rest_;
            auto& prepared = on_->prepare(rest);
            if (prepared && prepared.writes() && !on_->try_hold_gate()) return stop::needs_gate;
            if (prepared) run_command(prepared, rest_.substr(0, rest_.size() - rest.size()));
            rest_ = rest;
            if (!on_->in_transaction()) on_->leave_gate();
        }
    } catch (const database_error&) {
        outcome_.error = std::current_exception();
        if (!on_->in_transaction()) on_->leave_gate();
    }
    on_->note_holder();
    return stop::done;
}

void script::run_command(statement& prepared, std::string_view sql) {
    if (prepared.changes_session()) on_->note_session_change();
    const execution scope(prepared);
    prepared.bind(nullptr, sql);
    const auto changes_before = sqlite3_total_changes64(on_->handle());
    result rows;
    std::uint64_t count = 0;
    int code = prepared.step();
    if (code == SQLITE_ROW || code == SQLITE_DONE) rows.set_shape(prepared.shape());
    for (; code == SQLITE_ROW; code = prepared.step()) {
        if (options_.row_limit == 0 || count < options_.row_limit) write_row(prepared.handle(), rows);
        ++count;
    }
    if (code != SQLITE_DONE) {
        const bool foreign_key = is_foreign_key_failure(on_->handle(), code);
        auto error = on_->error(code, sql);
        if (foreign_key) error = foreign_key_error(*on_, prepared, sql);
        if ((code & 0xFF) == SQLITE_INTERRUPT || (code & 0xFF) == SQLITE_BUSY) on_->throw_if_stopped();
        std::rethrow_exception(std::move(error));
    }
    std::uint64_t affected = 0;
    if (!prepared.writes())
        affected = count;
    else if (sqlite3_total_changes64(on_->handle()) != changes_before)
        affected = static_cast<std::uint64_t>(sqlite3_changes64(on_->handle()));
    rows.set_affected(affected);
    const bool cut = count > rows.size();
    outcome_.results.emplace_back(first_keyword(sql), std::move(rows), affected, cut);
}

} // namespace wharf::sqlite
