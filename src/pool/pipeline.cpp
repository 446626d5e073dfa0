#include "wharf/pool/pipeline.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/connection/batch.hpp"

#include <algorithm>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wharf {
namespace detail {

class pipeline_state {
public:
    struct statement {
        std::string_view sql; // in `texts`
        parameters values;
        bool wants_rows;
        bool end_of_unit{false};
        result rows{};
    };

    /// What became of a statement.
    [[nodiscard]] const batch_item& at(std::size_t index) const {
        if (!done || index >= items.size()) throw usage_error("the pipeline of this statement has not been run");
        return items[index];
    }

    std::deque<std::string> texts{};    // of statements in a row that have the same only once
    std::deque<statement> statements{}; // where the items of a run find them
    std::vector<batch_item> items{};    // of the last run
    bool done{false};
};

namespace {

std::vector<batch_item> items_of(pipeline_state& of) {
    std::vector<batch_item> items(of.statements.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& from = of.statements[i];
        items[i].sql = from.sql;
        if (!from.values.empty()) items[i].values = &from.values;
        if (from.wants_rows) items[i].rows = &from.rows;
        items[i].end_of_group = from.end_of_unit;
    }
    return items;
}

bool is_own(const batch_item& item) noexcept {
    return item.error && !item.skipped && !item.undone;
}

std::string message_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const database_error& caught) {
        return std::string(caught.message());
    } catch (const std::exception& caught) {
        return caught.what();
    }
}

std::exception_ptr aborted_because(std::size_t failed, const pipeline_state& in, const batch_item& item) {
    diagnostic fields;
    fields.severity = "ERROR";
    fields.sqlstate = "25P02";
    fields.message = (item.skipped ? "not run: statement " : "undone: statement ") + std::to_string(failed + 1) +
                     " of the pipeline failed " + (item.skipped ? "before it: " : "behind it: ") +
                     message_of(in.items[failed].error);
    fields.statement = item.sql;
    return make_database_error(std::move(fields));
}

/// The error of a commit is that of every statement of its unit.
std::exception_ptr at_commit(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const database_error& caught) {
        auto fields = caught.fields();
        fields.element = "at the commit of the statements up to the next sync, all of which are undone";
        return make_database_error(std::move(fields));
    } catch (...) {
        return error;
    }
}

/// Those that were not run, or have left nothing, learn why.
void settle(pipeline_state& in) {
    auto& items = in.items;
    std::size_t failed = items.size();
    bool shared = false; // the error of a commit that is still to come
    for (std::size_t i = 0; i < items.size(); ++i) {
        batch_item& item = items[i];
        if (is_own(item)) failed = i;
        if (item.skipped && failed != items.size()) item.error = aborted_because(failed, in, item);
        if (!item.undone) continue;
        auto cause = i;
        while (cause + 1 < items.size() && !items[cause].error)
            ++cause;
        if (is_own(items[cause]))
            item.error = aborted_because(cause, in, item);
        else if (cause != i || shared)
            item.error = at_commit(items[cause].error);
        shared = cause != i;
    }
    in.done = true;
}

/// The first that is not said only because of another one.
void throw_error(const pipeline_state& in) {
    const auto own = std::ranges::find_if(in.items, is_own);
    if (own != in.items.end()) std::rethrow_exception(own->error);
    throw_first_error(in.items);
}

} // namespace

io::op<void> run_pipeline(lease_use on, std::shared_ptr<pipeline_state> statements, bool throws) {
    statements->items = items_of(*statements);
    statements->done = false;
    co_await on.core().run(statements->items);
    settle(*statements);
    if (throws) throw_error(*statements);
}

} // namespace detail

pipelined_statement::pipelined_statement(std::shared_ptr<detail::pipeline_state> in, std::size_t index) noexcept
    : in_(std::move(in)), index_(index) {}

const result& pipelined_statement::found() const {
    const batch_item& outcome = in_->at(index_);
    if (outcome.error) std::rethrow_exception(outcome.error);
    return in_->statements[index_].rows;
}

std::uint64_t pipelined_statement::affected() const {
    static_cast<void>(found());
    return in_->at(index_).affected;
}

std::exception_ptr pipelined_statement::error() const {
    return in_->at(index_).error;
}

bool pipelined_statement::skipped() const {
    return in_->at(index_).skipped;
}

pipeline::pipeline() : state_(std::make_shared<detail::pipeline_state>()) {}

pipeline& pipeline::sync() {
    if (!state_->statements.empty()) state_->statements.back().end_of_unit = true;
    return *this;
}

std::size_t pipeline::size() const noexcept {
    return state_->statements.size();
}

std::size_t pipeline::add(std::string_view sql, parameters values, bool wants_rows) {
    auto& texts = state_->texts;
    auto& statements = state_->statements;
    if (statements.empty() || statements.back().sql != sql) texts.emplace_back(sql);
    statements.push_back({texts.back(), std::move(values), wants_rows});
    return statements.size() - 1;
}

} // namespace wharf
