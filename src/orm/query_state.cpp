#include "wharf/orm/query_state.hpp"

#include "wharf/base/error.hpp"
#include "wharf/row/decode.hpp"
#include "wharf/row/numbers.hpp"

#include <algorithm>
#include <string>

namespace wharf::orm {

namespace {

std::vector<std::string_view> names_of(const class_descriptor& type) {
    std::vector<std::string_view> names;
    names.reserve(type.columns.size());
    for (const auto& column : type.columns)
        names.push_back(column.name);
    return names;
}

void refuse_negative(std::int64_t rows, const char* what) {
    if (rows < 0) throw usage_error(std::string(what) + " of a query is negative: " + std::to_string(rows));
}

} // namespace

query_state::query_state(const class_descriptor& type) : type_(&type) {
    statement_.from = type.table;
}

void query_state::where(const predicate& condition) {
    statement_.where = sql::both(statement_.where, condition.condition());
}

void query_state::order_by(sql::expression by, bool descending) {
    statement_.order.push_back({std::move(by), descending});
}

void query_state::limit(std::int64_t rows) {
    refuse_negative(rows, "limit()");
    statement_.limit = rows;
}

void query_state::offset(std::int64_t rows) {
    refuse_negative(rows, "offset()");
    statement_.offset = rows;
}

void query_state::lock(sql::row_lock kind) {
    statement_.lock = kind;
    // A lock without fresh values is a trap.
    options_.populate_existing = true;
    options_.locks = kind != sql::row_lock::share;
    options_.keeps_changes = true;
}

sql::rendered_statement query_state::render(backend kind) const {
    return sql::render_select(kind, statement_, names_of(*type_));
}

io::op<std::vector<entity_base>> query_state::select(session_core& session, std::optional<std::int64_t> most) const {
    auto statement = statement_;
    if (most) statement.limit = std::min(statement.limit.value_or(*most), *most);
    auto rendered = sql::render_select(session.kind(), statement, names_of(*type_));
    return session.select(*type_, std::move(rendered.text), std::move(rendered.values), options_);
}

io::op<result> query_state::count(session_core& session) const {
    auto rendered = sql::render_count(session.kind(), statement_);
    return session.fetch(std::move(rendered.text), std::move(rendered.values), {type_});
}

io::op<result> query_state::exists(session_core& session) const {
    auto rendered = sql::render_exists(session.kind(), statement_);
    return session.fetch(std::move(rendered.text), std::move(rendered.values), {type_});
}

entity_base expect_one(std::vector<entity_base>&& rows) {
    if (rows.empty()) throw no_result("one() found no row");
    return expect_at_most_one(std::move(rows));
}

entity_base expect_at_most_one(std::vector<entity_base>&& rows) {
    if (rows.size() > 1) throw multiple_results("a query that must find one row found several");
    return first_of(std::move(rows));
}

entity_base first_of(std::vector<entity_base>&& rows) {
    return rows.empty() ? entity_base() : std::move(rows.front());
}

std::int64_t read_count(result&& rows) {
    std::int64_t count{};
    auto row = rows[0];
    decode_next(row, count);
    return count;
}

bool read_exists(result&& rows) {
    bool exists{};
    auto row = rows[0];
    decode_next(row, exists);
    return exists;
}

} // namespace wharf::orm
