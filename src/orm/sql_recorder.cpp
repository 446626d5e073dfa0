#include "wharf/orm/sql_recorder.hpp"

#include "wharf/orm/errors.hpp"

namespace wharf {

std::vector<recorded_statement> sql_recorder::statements() const {
    const std::lock_guard lock(mutex_);
    return statements_;
}

std::vector<std::string> sql_recorder::sql() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    texts.reserve(statements_.size());
    for (const auto& statement : statements_)
        texts.push_back(statement.text);
    return texts;
}

std::size_t sql_recorder::statement_count() const {
    const std::lock_guard lock(mutex_);
    return statements_.size();
}

std::size_t sql_recorder::round_trips() const {
    const std::lock_guard lock(mutex_);
    return round_trips_;
}

void sql_recorder::clear() {
    const std::lock_guard lock(mutex_);
    statements_.clear();
    round_trips_ = 0;
}

void sql_recorder::on_statement(std::string_view sql, std::size_t parameter_count) {
    const std::lock_guard lock(mutex_);
    statements_.push_back({std::string(sql), parameter_count});
}

void sql_recorder::on_round_trip() {
    const std::lock_guard lock(mutex_);
    ++round_trips_;
}

void query_budget::before_batch(std::span<const batch_item> items) {
    const std::lock_guard lock(mutex_);
    for (const auto& item : items) {
        if (item.utility || item.prepare_only) continue;
        sent_.emplace_back(item.sql);
        if (sent_.size() <= most_) continue;
        std::string text = "statement " + std::to_string(sent_.size()) + " of a budget of " + std::to_string(most_) +
                           " was refused. Those so far, and this one:";
        for (const auto& sql : sent_)
            text += "\n  " + sql;
        throw budget_exceeded(text);
    }
}

} // namespace wharf
