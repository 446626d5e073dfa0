#include "postgres/statement_cache.hpp"

namespace wharf::postgres {

prepared_statement& statement_cache::get(std::string_view sql) {
    // A loop over one statement finds it in front, without a hash of its text.
    if (!statements_.empty() && statements_.front().sql == sql) return statements_.front();
    if (const auto found = by_text_.find(sql); found != by_text_.end()) {
        statements_.splice(statements_.begin(), statements_, found->second);
        return statements_.front();
    }
    prepared_statement& made = statements_.emplace_front();
    made.sql = sql;
    made.name = "wharf_" + std::to_string(next_name_++);
    made.verb = verb_of(sql);
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
    while (statements_.size() > limit_) {
        by_text_.erase(statements_.back().sql);
        forgotten_.splice(forgotten_.begin(), statements_, std::prev(statements_.end()));
    }
    if (forgotten_.empty()) return;
    for (prepared_statement& statement : forgotten_)
        if (statement.state == prepared_statement::progress::ready) closing_.push_back(std::move(statement.name));
    forgotten_.clear();
}

} // namespace wharf::postgres
