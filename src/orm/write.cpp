// Carrying out a flush: as few trips as the keys allow. PostgreSQL gets one pipeline for all whose keys are known, with
// the COMMIT at its end; keys that other rows need are taken from their sequences in the trip before, which also
// prepares what is new. SQLite gets a statement for each row, and the counts are checked here, before COMMIT.
#include "orm/keys_ahead.hpp"
#include "orm/refused_statement.hpp"
#include "orm/step_statement.hpp"
#include "sql/guard.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <deque>

namespace wharf::orm {
namespace {

using verb = flush_step::verb;

constexpr std::size_t rows_in_statement = 20'000;

/// A statement of a wave, and which rows it is for.
struct sent_statement {
    const flush_step* step{nullptr};
    const step_statement* how{nullptr};
    std::size_t first{0};
    std::size_t count{0};
    result* rows{nullptr};
};

struct wave {
    std::vector<batch_item> items{};
    std::vector<sent_statement> sent{};
    std::deque<parameters> values{};
};

std::string verb_name(verb what) {
    return what == verb::insert ? "INSERT into" : what == verb::update ? "UPDATE of" : "DELETE from";
}

std::exception_ptr wrong_count(const sent_statement& sent, std::uint64_t matched, std::uint64_t expected) {
    const auto text = verb_name(sent.step->what) + " table " + std::string(sent.step->type->table) + ": " +
                      std::to_string(matched) + " of " + std::to_string(expected) + " rows were written; ";
    if (sent.step->what == verb::insert) {
        return std::make_exception_ptr(flush_failed(text + "a trigger or a rule of the table left rows out"));
    }
    const bool versioned = sent.step->type->version_column >= 0;
    return std::make_exception_ptr(
        stale_data(text + (versioned ? "the others were changed or removed by somebody else since they were read"
                                     : "the others are not there any more")));
}

/// The error of a statement as the session reports it.
std::exception_ptr translate(const sent_statement& sent, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const database_error& caught) {
        if (const auto counts = sql::read_guard(caught)) return wrong_count(sent, counts->matched, counts->expected);
        return explain_refusal(sent.step->type->table, error);
    } catch (...) {
        return error;
    }
    return error;
}

void throw_first_error(const wave& done) {
    for (std::size_t i = 0; i < done.items.size(); ++i) {
        const auto& item = done.items[i];
        if (!item.error || item.skipped) continue;
        std::rethrow_exception(i < done.sent.size() ? translate(done.sent[i], item.error) : item.error);
    }
    for (const auto& item : done.items)
        if (item.error) std::rethrow_exception(item.error);
}

/// Takes what came back: keys that are needed further on, and columns for apply_plan().
void collect(flush_plan& plan, const wave& done, backend kind) {
    for (std::size_t i = 0; i < done.sent.size(); ++i) {
        const auto& sent = done.sent[i];
        const auto returned = sent.rows == nullptr ? sent.count : sent.rows->size();
        const auto affected = kind == backend::sqlite && sent.rows == nullptr ? done.items[i].affected : returned;
        if (affected != sent.count) std::rethrow_exception(wrong_count(sent, affected, sent.count));
        if (sent.step->what != verb::insert) continue;
        for (std::size_t row = 0; row < sent.count; ++row) {
            auto& insert = plan.inserts[sent.step->rows[sent.first + row]];
            if (sent.rows != nullptr) {
                insert.returned = sent.rows;
                insert.returned_row = row;
            }
            if (insert.key.is_set()) continue;
            insert.key = composed_key(plan, insert);
            if (!insert.key.is_set()) insert.key = returned_key(plan, insert, sent.how->returning);
            if (insert.key.is_set()) continue;
            throw flush_failed("table " + std::string(insert.type->table) + " gave no key for a new row: a trigger " +
                               "of a view has to set column " + std::string(insert.type->columns[0].name) +
                               " of what it returns");
        }
    }
}

bool is_ready(const flush_plan& plan, const flush_step& step) {
    const auto known = [&](const deferred_column& late) { return plan.inserts[late.target].key.is_set(); };
    return std::all_of(step.rows.begin(), step.rows.end(), [&](std::size_t row) {
        if (step.what == verb::insert) return std::ranges::all_of(plan.inserts[row].deferred, known);
        if (step.what == verb::remove) return true;
        const auto& update = plan.updates[row];
        if (!update.key.is_set() && !plan.inserts[update.insert].key.is_set()) return false;
        return std::ranges::all_of(update.deferred, known);
    });
}

void add_step(flush_plan& plan, const flush_step& step, const step_statement& how, wave& to) {
    const auto at_once = how.arrays ? rows_in_statement : std::size_t{1};
    for (std::size_t first = 0; first < step.rows.size(); first += at_once) {
        sent_statement sent{&step, &how, first, std::min(at_once, step.rows.size() - first), nullptr};
        to.values.push_back(make_parameters(plan, step, how, first, sent.count));
        if (!how.returning.empty()) sent.rows = &plan.results.emplace_back();
        batch_item item;
        item.sql = how.text;
        item.values = &to.values.back();
        item.rows = sent.rows;
        to.items.push_back(item);
        to.sent.push_back(sent);
    }
}

} // namespace

key_value returned_key(const flush_plan& plan, const planned_insert& insert, std::span<const std::size_t> returning) {
    const auto& type = *insert.object->type;
    key_builder built(type.key_size);
    encoded_columns columns(insert.row);
    for (std::size_t i = 0; i < type.key_size; ++i) {
        const auto column = columns.next();
        auto value = cell_of(column, type.columns[i].wire);
        parameters late_value;
        const auto late = std::ranges::find(insert.deferred, i, &deferred_column::column);
        if (late != insert.deferred.end()) {
            add_deferred(plan, type, *late, late_value);
            value = late_value[0];
        } else if (!insert.given.test(i)) {
            const auto place = std::ranges::find(returning, i) - returning.begin();
            auto row = (*insert.returned)[insert.returned_row];
            for (std::ptrdiff_t skipped = 0; skipped < place; ++skipped)
                static_cast<void>(row.next());
            value = row.next();
        }
        built.add(value);
    }
    return built.finish();
}

io::op<void> write_plan(session_parts& parts, flush_plan& plan, then afterwards) {
    const auto kind = parts.engine->kind();
    std::vector<step_statement> statements;
    statements.reserve(plan.steps.size());
    for (const auto& step : plan.steps)
        statements.push_back(make_statement(kind, step));
    const bool steps_changed = co_await fetch_keys(parts, plan, statements);
    if (steps_changed) {
        statements.clear();
        for (const auto& step : plan.steps)
            statements.push_back(make_statement(kind, step));
    }

    const bool commits = afterwards == then::commit;
    std::size_t next = 0;
    while (next < plan.steps.size()) {
        wave current;
        while (next < plan.steps.size() && is_ready(plan, plan.steps[next])) {
            add_step(plan, plan.steps[next], statements[next], current);
            ++next;
        }
        if (current.items.empty()) {
            throw flush_failed("a row of table " + std::string(plan.steps[next].type->table) +
                               " refers to a row whose key the database did not return");
        }
        const bool last = next == plan.steps.size() && kind == backend::postgres;
        parts.tx.note_write();
        const auto end = last ? afterwards : then::nothing;
        co_await parts.run(current.items, end);
        throw_first_error(current);
        collect(plan, current, kind);
    }
    const bool committed = commits && kind == backend::postgres && !plan.steps.empty();
    if (commits && !committed) co_await parts.run(std::span<batch_item>(), then::commit);
}

} // namespace wharf::orm
