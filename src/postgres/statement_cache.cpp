#include "postgres/statement_cache.hpp"

#include "connection/statement_traces.hpp"

#include <random>

namespace wharf::postgres {

std::string random_prefix() {
    constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
    constexpr int length = 12;
    std::random_device source;
    std::uint64_t bits = std::uint64_t{source()} << 32 | source();
    std::string prefix = "wharf_";
    for (int i = 0; i < length; ++i, bits >>= 5)
        prefix += digits[bits % digits.size()];
    return prefix + "_";
}

prepared_statement& statement_cache::get(std::string_view sql) {
    // A loop over one statement finds it in front, without a hash of its text.
    const bool in_front = !statements_.empty() && statements_.front().sql == sql;
    if (!in_front) {
        if (const auto found = by_text_.find(sql); found != by_text_.end())
            statements_.splice(statements_.begin(), statements_, found->second);
        else
            return make(sql);
    }
    if (!too_old(statements_.front())) return statements_.front();
    forget(statements_.front());
    return make(sql);
}

prepared_statement& statement_cache::make(std::string_view sql) {
    prepared_statement& made = statements_.emplace_front();
    made.sql = sql;
    if (limits_.named) made.name = prefix_ + std::to_string(next_name_++);
    made.verb = verb_of(sql);
    made.copies_in = copies_from_stdin(sql);
    made.traces = leaves_traces(sql);
    made.made_at = now_;
    made.made_in = batch_;
    if (limits_.max_length != 0 && sql.size() > limits_.max_length) has_long_text_ = true;
    by_text_.emplace(made.sql, statements_.begin());
    return made;
}

void statement_cache::forget(prepared_statement& statement) {
    const auto found = by_text_.find(statement.sql);
    if (found == by_text_.end() || &*found->second != &statement) return;
    forgotten_.splice(forgotten_.begin(), statements_, found->second);
    by_text_.erase(found);
}

void statement_cache::forget_all() {
    by_text_.clear();
    for (prepared_statement& statement : statements_)
        statement.state = prepared_statement::progress::refused;
    forgotten_.splice(forgotten_.begin(), statements_);
}

void statement_cache::trim() {
    if (has_long_text_) drop_long_texts();
    while (statements_.size() > limits_.size) {
        by_text_.erase(statements_.back().sql);
        forgotten_.splice(forgotten_.begin(), statements_, std::prev(statements_.end()));
    }
    if (forgotten_.empty()) return;
    using progress = prepared_statement::progress;
    for (prepared_statement& statement : forgotten_)
        if ((statement.state == progress::ready || statement.state == progress::stale) && !statement.name.empty())
            closing_.push_back(std::move(statement.name));
    forgotten_.clear();
}

void statement_cache::drop_long_texts() {
    has_long_text_ = false;
    for (auto at = statements_.begin(); at != statements_.end();) {
        const auto statement = at++;
        if (statement->sql.size() > limits_.max_length) forget(*statement);
    }
}

} // namespace wharf::postgres
