// Carrying out a flush: as few trips as the keys allow. PostgreSQL gets one pipeline for all whose keys are known, with
// the COMMIT at its end; keys that other rows need are taken from their sequences in the trip before, which also
// prepares what is new. SQLite gets a statement for each row, and the counts are checked here, before COMMIT.
#include "orm/answers.hpp"
#include "orm/checks.hpp"
#include "orm/keys_ahead.hpp"
#include "orm/refused_statement.hpp"
#include "orm/stale_rows.hpp"
#include "orm/step_statement.hpp"
#include "sql/guard.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/orm/errors.hpp"
#include "wharf/row/decode.hpp"
#include "wharf/row/numbers.hpp"

#include <algorithm>
#include <deque>

namespace wharf::orm {
namespace {

using verb = flush_step::verb;

// The server keeps the rows of a statement until it has compared them with what was sent: in memory, if they are few.
constexpr std::size_t rows_in_statement = io::rows_between_yields;

/// A statement of a wave, and which rows it is for.
struct sent_statement {
    const flush_step* step{nullptr};
    const step_statement* how{nullptr};
    std::size_t first{0};
    std::size_t count{0};
    result* rows{nullptr};
};

/// When the rows of the next statement are too many for this turn.
class row_turns {
public:
    [[nodiscard]] bool is_over(std::size_t rows) noexcept {
        const bool over = rows_ != 0 && rows_ + rows > io::rows_between_yields;
        rows_ = over ? rows : rows_ + rows;
        return over;
    }

private:
    std::size_t rows_{0};
};

struct wave {
    std::vector<batch_item> items{};
    std::vector<sent_statement> sent{};
    std::deque<parameters> values{};
};

std::string verb_name(verb what) {
    return what == verb::insert ? "INSERT into" : what == verb::update ? "UPDATE of" : "DELETE from";
}

/// The rows of the statement that the count is about; all of it where the database did not say which.
std::vector<std::size_t> missing_rows(const sent_statement& sent, const sql::row_count_mismatch& counts) {
    std::vector<std::size_t> rows;
    if (sent.count == 1) rows.push_back(sent.step->rows[sent.first]);
    for (const auto number : counts.missing)
        if (number >= 1 && number <= sent.count) rows.push_back(sent.step->rows[sent.first + number - 1]);
    return rows;
}

object_state& object_of(const flush_plan& plan, const flush_step& step, std::size_t row) {
    return step.what == verb::update ? *plan.updates[row].object : *plan.deletes[row].object;
}

const key_value& key_of(const flush_plan& plan, const flush_step& step, std::size_t row) {
    return step.what == verb::update ? plan.updates[row].key : plan.deletes[row].key;
}

/// The version that the row is expected to have was not read from it.
bool is_version_of_the_caller(const flush_plan& plan, const flush_step& step, std::size_t row) {
    const auto& type = *step.type;
    const auto& watch = object_of(plan, step, row).watch;
    if (type.version_column < 0 || watch == nullptr) return false;
    const auto& before = step.what == verb::update ? plan.updates[row].before : plan.deletes[row].before;
    return expected_version(type, before, 0) != expected_version(type, watch->baseline, 0);
}

std::exception_ptr wrong_count(const session_parts& parts, flush_plan& plan, const sent_statement& sent,
                               const sql::row_count_mismatch& counts) {
    const auto& step = *sent.step;
    const auto& type = *step.type;
    auto text = verb_name(step.what) + " table " + std::string(type.table) + ": " + std::to_string(counts.matched) +
                " of " + std::to_string(counts.expected) + " rows were written; ";
    if (step.what == verb::insert)
        return std::make_exception_ptr(flush_failed(text + "a trigger or a rule of the table left rows out"));
    stale_data::details known;
    known.matched = counts.matched;
    known.expected = counts.expected;
    std::string keys;
    bool own_version = false;
    for (const auto row : missing_rows(sent, counts)) {
        known.objects.push_back(entity_base::share(&object_of(plan, step, row)));
        keys += (keys.empty() ? "" : ", ") + describe_key(type, key_of(plan, step, row));
        (step.what == verb::update ? plan.stale_updates : plan.stale_deletes).push_back(row);
        own_version = own_version || (step.check_version && is_version_of_the_caller(plan, step, row));
    }
    const bool checks = step.expected.any() || (type.version_column >= 0 && step.check_version);
    text += checks ? "the others were changed or removed by somebody else since they were read"
                   : "the others are not there any more";
    if (!keys.empty()) text += ": " + keys;
    known.transient = !own_version && was_read_in_this_try(parts.tx, known.objects);
    if (own_version) text += ". The version that was expected is one that the caller has written";
    const auto changed_here = [&parts](const entity_base& object) {
        return parts.tx.foreign_write_since(object.state()->read_at);
    };
    if (std::ranges::any_of(known.objects, changed_here))
        text += ". This session has run SQL since they were read; refresh() them when it changes their table";
    return std::make_exception_ptr(stale_data(text, std::move(known)));
}

/// A view's trigger, for instance, has to set the key.
std::exception_ptr no_key(const class_descriptor& type) {
    return std::make_exception_ptr(flush_failed("table " + std::string(type.table) +
                                                " gave no key for a new row: a trigger of a view has to set " +
                                                "column " + std::string(type.columns[0].name) + " of what it returns"));
}

/// What the database filled in or made of a value that its member cannot hold.
std::exception_ptr unfit_value(const sent_statement& sent, const sql::unfit_value& unfit) {
    const auto& layout = *sent.how->answer;
    const auto& type = *sent.step->type;
    const bool filled = unfit.place < layout.returning.size();
    const auto index = filled ? layout.returning[unfit.place] : layout.written[unfit.place - layout.returning.size()];
    const auto& column = type.columns[index];
    if (filled && unfit.null && column.key) return no_key(type);
    return std::make_exception_ptr(conversion_error(
        "column \"" + std::string(column.name) + "\" of table " + std::string(type.table) + ": the database " +
        (unfit.null ? "made it NULL; read it into std::optional<T> to accept that"
                    : "filled in an integer that the member cannot hold") +
        ". Nothing was written"));
}

/// The error of a statement as the session reports it.
std::exception_ptr translate(const session_parts& parts, flush_plan& plan, const sent_statement& sent,
                             const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const database_error& caught) {
        if (const auto counts = sql::read_guard(caught)) return wrong_count(parts, plan, sent, *counts);
        if (const auto place = sql::read_unfit(caught)) return unfit_value(sent, *place);
        return explain_refusal(sent.step->type->table, error);
    } catch (...) {
        return error;
    }
    return error;
}

/// The row of the step that a row of the answer is about.
std::size_t row_answered(const sent_statement& sent, std::size_t place) {
    if (sent.how->answer->head == 0) return place;
    auto cells = (*sent.rows)[place];
    std::int64_t number{};
    decode_next(cells, number);
    return static_cast<std::size_t>(number - 1);
}

/// Whether the database made something else of the values of that row.
bool says_that_it_differs(const sent_statement& sent, std::size_t place) {
    if (sent.how->answer->head == 0) return false;
    auto cells = (*sent.rows)[place];
    static_cast<void>(cells.next());
    bool differs{};
    decode_next(cells, differs);
    return differs;
}

/// Throws where SQLite wrote another number of rows than it should have; PostgreSQL's guards have told already.
void check_count(const session_parts& parts, flush_plan& plan, const sent_statement& sent, std::uint64_t affected,
                 backend kind) {
    const auto written = sent.rows != nullptr && sent.how->answer->head == 0 ? sent.rows->size() : affected;
    if (kind == backend::sqlite && written != sent.count)
        std::rethrow_exception(wrong_count(parts, plan, sent, {written, sent.count, {}}));
}

/// Returns why one of the answers cannot be read.
std::exception_ptr take_answers(flush_plan& plan, const sent_statement& sent, trial_objects& trial) {
    std::exception_ptr first;
    if (sent.rows == nullptr) return first;
    for (std::size_t place = 0; place < sent.rows->size(); ++place) {
        const auto row = sent.step->rows[sent.first + row_answered(sent, place)];
        answered_row answer{sent.how->answer, sent.rows, place, says_that_it_differs(sent, place)};
        const auto unread = trial.try_answer(*sent.step->type, answer);
        if (unread && !first) first = unread;
        if (sent.step->what == verb::insert)
            plan.inserts[row].answer = answer;
        else
            plan.updates[row].answer = answer;
    }
    return first;
}

/// The key of a row that has come back, from what was sent and what the database filled in.
key_value returned_key(const flush_plan& plan, const planned_insert& insert, trial_objects& trial) {
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
            insert.answer.for_each([&](std::size_t answered, const cell_view& cell) {
                if (answered == i) value = trial.as_in_keys(type, i, cell, late_value);
            });
        }
        built.add(value);
    }
    return built.finish();
}

void take_keys(flush_plan& plan, const sent_statement& sent, trial_objects& trial) {
    if (sent.step->what != verb::insert) return;
    for (std::size_t row = 0; row < sent.count; ++row) {
        auto& insert = plan.inserts[sent.step->rows[sent.first + row]];
        if (insert.key.is_set()) continue;
        insert.key = composed_key(plan, insert);
        if (!insert.key.is_set()) insert.key = returned_key(plan, insert, trial);
        if (!insert.key.is_set()) std::rethrow_exception(no_key(*insert.type));
    }
}

/// Throws what went wrong first.
void check_wave(const session_parts& parts, flush_plan& plan, const wave& done) {
    const auto kind = parts.engine->kind();
    for (std::size_t i = 0; i < done.items.size(); ++i) {
        const auto& item = done.items[i];
        const bool is_sent = i < done.sent.size();
        if (!item.error && is_sent) check_count(parts, plan, done.sent[i], item.affected, kind);
        if (!item.error || item.skipped) continue;
        std::rethrow_exception(is_sent ? translate(parts, plan, done.sent[i], item.error) : item.error);
    }
    for (const auto& item : done.items)
        if (item.error) std::rethrow_exception(item.error);
}

/// Takes what came back: keys that are needed further on, and columns for the objects. What cannot be read is thrown,
/// unless the COMMIT has taken place.
io::op<void> collect(flush_plan& plan, const wave& done, trial_objects& trial, bool committed) {
    row_turns turns;
    for (const auto& sent : done.sent) {
        if (turns.is_over(sent.count)) co_await io::give_turn();
        const auto unread = take_answers(plan, sent, trial);
        if (unread && !committed) std::rethrow_exception(unread);
        if (unread && !plan.unread) plan.unread = unread;
        take_keys(plan, sent, trial);
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

void add_statement(flush_plan& plan, sent_statement sent, wave& to) {
    to.values.push_back(make_parameters(plan, *sent.step, *sent.how, sent.first, sent.count));
    if (sent.how->answer != nullptr) sent.rows = &plan.results.emplace_back();
    batch_item item;
    item.sql = sent.how->text;
    item.values = &to.values.back();
    item.rows = sent.rows;
    to.items.push_back(item);
    to.sent.push_back(sent);
}

io::op<void> add_step(flush_plan& plan, const flush_step& step, const step_statement& how, wave& to, row_turns& turns) {
    const auto at_once = how.arrays ? rows_in_statement : std::size_t{1};
    for (std::size_t first = 0; first < step.rows.size(); first += at_once) {
        const sent_statement next{&step, &how, first, std::min(at_once, step.rows.size() - first), nullptr};
        if (turns.is_over(next.count)) co_await io::yield();
        add_statement(plan, next, to);
    }
}

} // namespace

io::op<void> write_plan(session_parts& parts, flush_plan& plan, then afterwards) {
    const auto kind = parts.engine->kind();
    std::vector<step_statement> statements;
    statements.reserve(plan.steps.size());
    for (const auto& step : plan.steps)
        statements.push_back(make_statement(kind, plan, step));
    const bool steps_changed = co_await fetch_keys(parts, plan, statements);
    if (steps_changed) {
        statements.clear();
        for (const auto& step : plan.steps)
            statements.push_back(make_statement(kind, plan, step));
    }

    trial_objects trial;
    for (const auto& insert : plan.inserts)
        if (insert.ahead) trial.try_key(*insert.object->type, insert.key);
    for (const auto& update : plan.updates)
        trial.try_version(update);

    const bool commits = afterwards == then::commit;
    std::size_t next = 0;
    while (next < plan.steps.size()) {
        wave current;
        row_turns turns;
        while (next < plan.steps.size() && is_ready(plan, plan.steps[next])) {
            co_await add_step(plan, plan.steps[next], statements[next], current, turns);
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
        check_wave(parts, plan, current);
        co_await collect(plan, current, trial, end == then::commit);
    }
    const bool committed = commits && kind == backend::postgres && !plan.steps.empty();
    if (commits && !committed) co_await parts.run(std::span<batch_item>(), then::commit);
}

} // namespace wharf::orm
