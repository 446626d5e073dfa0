#include "wharf/pool/pipeline.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/connection/batch.hpp"

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
        std::string sql;
        parameters values;
        bool wants_rows;
        bool end_of_unit{false};
        result rows{};
        batch_item outcome{};
    };

    [[nodiscard]] const statement& at(std::size_t index) const {
        if (!done) throw usage_error("the pipeline of this statement has not been run");
        return statements[index];
    }

    std::deque<statement> statements{};
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

std::string message_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const database_error& caught) {
        return std::string(caught.message());
    } catch (const std::exception& caught) {
        return caught.what();
    }
}

std::exception_ptr skipped_because(std::size_t failed, const pipeline_state& in, std::string_view sql) {
    diagnostic fields;
    fields.severity = "ERROR";
    fields.sqlstate = "25P02";
    fields.message = "not run: statement " + std::to_string(failed + 1) +
                     " of the pipeline failed before it: " + message_of(in.statements[failed].outcome.error);
    fields.statement = sql;
    return make_database_error(std::move(fields));
}

/// Takes over what became of the items; those that were not run learn why.
void settle(pipeline_state& to, std::span<const batch_item> items) {
    std::size_t failed = items.size();
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& outcome = to.statements[i].outcome;
        outcome = items[i];
        if (outcome.error && !outcome.skipped) failed = i;
        if (outcome.skipped && failed != items.size())
            outcome.error = skipped_because(failed, to, to.statements[i].sql);
    }
    to.done = true;
}

} // namespace

io::op<void> run_pipeline(lease_use on, std::shared_ptr<pipeline_state> statements, bool throws) {
    auto items = items_of(*statements);
    statements->done = false;
    co_await on.core().run(items);
    settle(*statements, items);
    if (throws) throw_first_error(items);
}

} // namespace detail

pipelined_statement::pipelined_statement(std::shared_ptr<detail::pipeline_state> in, std::size_t index) noexcept
    : in_(std::move(in)), index_(index) {}

const result& pipelined_statement::found() const {
    const auto& of = in_->at(index_);
    if (of.outcome.error) std::rethrow_exception(of.outcome.error);
    return of.rows;
}

std::uint64_t pipelined_statement::affected() const {
    static_cast<void>(found());
    return in_->at(index_).outcome.affected;
}

std::exception_ptr pipelined_statement::error() const {
    return in_->at(index_).outcome.error;
}

bool pipelined_statement::skipped() const {
    return in_->at(index_).outcome.skipped;
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
    state_->statements.push_back({std::string(sql), std::move(values), wants_rows});
    return state_->statements.size() - 1;
}

} // namespace wharf
