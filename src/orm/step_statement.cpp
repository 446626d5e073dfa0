#include "orm/step_statement.hpp"

#include "orm/checks.hpp"
#include "orm/statements.hpp"
#include "sql/array_parameter.hpp"
#include "sql/change.hpp"
#include "sql/guard.hpp"
#include "sql/insert.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/type_name.hpp"

#include <algorithm>
#include <optional>

namespace wharf::orm {
namespace {

using verb = flush_step::verb;

std::vector<sql::table_column> columns_in(const class_descriptor& type, const column_set& set) {
    std::vector<sql::table_column> columns;
    for (std::size_t i = 0; i < type.columns.size(); ++i)
        if (set.test(i)) columns.push_back(table_column_of(type, i));
    return columns;
}

/// Gives its values to one place per column: parameters of their own, or the columns of an array statement.
class value_sink {
public:
    value_sink(parameters& single, std::vector<parameters>* columns) noexcept : single_(single), columns_(columns) {}
    void start_row() noexcept { next_ = 0; }
    parameters& next() {
        if (columns_ == nullptr) return single_;
        if (next_ == columns_->size()) columns_->emplace_back();
        return (*columns_)[next_++];
    }

private:
    parameters& single_;
    std::vector<parameters>* columns_;
    std::size_t next_{0};
};

void add_cell(const cell_view& cell, parameters& out) {
    if (cell.null) {
        out.add_null(cell.type);
    } else {
        out.add_encoded(cell.type, cell.bytes);
    }
}

/// Values that are sent a second time.
void add_again(const class_descriptor& type, std::string_view row, std::span<const std::size_t> again,
               value_sink& out) {
    if (again.empty()) return;
    encoded_columns columns(row);
    auto next = again.begin();
    for (std::size_t i = 0; next != again.end(); ++i) {
        const auto column = columns.next();
        if (i != *next) continue;
        add_cell(cell_of(column, type.columns[i].wire), out.next());
        ++next;
    }
}

/// The columns of a row that are in `set`; those that were waiting for a key are filled in.
void add_row(const flush_plan& plan, const class_descriptor& type, std::string_view row, const column_set& set,
             std::span<const deferred_column> deferred, const key_value* own_key, value_sink& out) {
    encoded_columns columns(row);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto column = columns.next();
        if (!set.test(i)) continue;
        auto& to = out.next();
        const auto late = std::find_if(deferred.begin(), deferred.end(),
                                       [i](const deferred_column& candidate) { return candidate.column == i; });
        if (late != deferred.end()) {
            add_deferred(plan, type, *late, to);
        } else if (own_key != nullptr && i == 0) {
            add_key_part(*own_key, 0, 1, type.columns[0].wire, to);
        } else {
            add_cell(cell_of(column, type.columns[i].wire), to);
        }
    }
}

void add_address(const class_descriptor& type, const key_value& key, std::string_view before, std::uint32_t earlier,
                 bool with_version, value_sink& out) {
    for (std::size_t i = 0; i < type.key_size; ++i)
        add_key_part(key, i, type.key_size, type.columns[i].wire, out.next());
    if (type.version_column < 0 || !with_version) return;
    const auto& version = type.columns[static_cast<std::size_t>(type.version_column)];
    add_cell(cell_of(expected_version(type, before, earlier), version.wire), out.next());
}

void add_expected_row(const planned_update& update, const flush_step& step, const step_statement& how,
                      value_sink& out) {
    auto hashed = how.hashed.begin();
    for (std::size_t i = 0; i < step.type->columns.size(); ++i) {
        if (!step.expected.test(i)) continue;
        if (!*hashed++) {
            add_expected(update, i, out.next());
            continue;
        }
        parameters value;
        add_expected(update, i, value);
        add_hash(value[0], out.next());
    }
}

void add_step_row(const flush_plan& plan, const flush_step& step, const step_statement& how, std::size_t row,
                  value_sink& out) {
    const auto& type = *step.type;
    switch (step.what) {
    case verb::insert: {
        const auto& insert = plan.inserts[row];
        add_row(plan, type, insert.row, step.columns, insert.deferred, insert.ahead ? &insert.key : nullptr, out);
        add_again(type, insert.row, how.again, out);
        return;
    }
    case verb::update: {
        const auto& update = plan.updates[row];
        add_row(plan, type, update.row, step.columns, update.deferred, nullptr, out);
        add_again(type, update.row, how.again, out);
        const auto& key = update.key.is_set() ? update.key : plan.inserts[update.insert].key;
        add_address(type, key, update.before, update.earlier, step.check_version, out);
        add_expected_row(update, step, how, out);
        return;
    }
    case verb::remove: {
        const auto& removed = plan.deletes[row];
        add_address(type, removed.key, removed.before, removed.earlier, true, out);
        return;
    }
    }
}

/// What the rows of a step are compared with.
struct expectation {
    std::vector<sql::expected_column> columns{};
    bool fit_arrays{true}; ///< the values of each column are of one type, which arrays can be made of
};

/// Looks at what a column is expected to hold in all rows: large values are compared by their hash, where all have one.
void look_at_values(const flush_plan& plan, const flush_step& step, std::size_t index, bool postgres,
                    expectation& made) {
    auto& column = made.columns.back();
    bool large = false;
    bool have_hash = may_be_large(column.type);
    auto only = type_oid::unspecified;
    parameters value;
    for (const auto row : step.rows) {
        value.clear();
        add_expected(plan.updates[row], index, value);
        large = large || wants_hash(value[0]);
        have_hash = have_hash && has_hash(value[0]);
        if (value[0].null) continue;
        if (only != type_oid::unspecified && only != value[0].type) made.fit_arrays = false;
        only = value[0].type;
    }
    if (postgres && large && have_hash) {
        column.test = sql::value_test::hash;
    } else if (only != type_oid::unspecified) {
        made.fit_arrays = made.fit_arrays && array_of(only) != type_oid::unspecified;
    }
}

expectation expected_columns(backend kind, const flush_plan& plan, const flush_step& step) {
    expectation made;
    for (std::size_t i = 0; i < step.type->columns.size(); ++i) {
        if (!step.expected.test(i)) continue;
        const auto column = table_column_of(*step.type, i);
        made.columns.push_back({column, sql::test_of(column.type)});
        made.fit_arrays = made.fit_arrays && array_of(column.type) != type_oid::unspecified;
        look_at_values(plan, step, i, kind == backend::postgres, made);
    }
    return made;
}

} // namespace

step_statement make_statement(backend kind, flush_plan& plan, const flush_step& step) {
    const auto& type = *step.type;
    const bool postgres = kind == backend::postgres;
    const bool many = postgres && step.rows.size() > 1;
    step_statement made;
    const auto set = columns_in(type, step.columns);
    answer_layout layout;
    layout.head = postgres ? sql::answer_head : 0;
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const bool computed = step.what == verb::update && type.columns[i].server_computed;
        if (!step.columns.test(i) && (step.what == verb::insert || computed)) layout.returning.push_back(i);
        if (!postgres || !step.columns.test(i)) continue;
        layout.written.push_back(i);
        if (sql::is_sent_again(table_column_of(type, i))) made.again.push_back(i);
    }
    std::vector<sql::table_column> returning;
    returning.reserve(layout.returning.size());
    for (const auto column : layout.returning)
        returning.push_back(table_column_of(type, column));
    if (step.what == verb::insert) {
        auto identity = sql::identity_values::refused;
        for (std::size_t i = 0; i < type.columns.size(); ++i)
            if (step.columns.test(i) && type.columns[i].generated) identity = sql::identity_values::taken;
        made.arrays = many && !set.empty() && sql::fit_arrays(set);
        made.text = made.arrays ? sql::insert_rows(type.table, set, returning, identity)
                                : sql::insert_row(kind, type.table, set, returning, identity);
    } else {
        const auto key = key_table_columns(type);
        std::optional<sql::table_column> version;
        if (type.version_column >= 0) version = table_column_of(type, static_cast<std::size_t>(type.version_column));
        const auto expected = expected_columns(kind, plan, step);
        sql::row_address where{key, version ? &*version : nullptr, step.check_version, expected.columns};
        made.arrays = many && sql::fit_arrays(set) && sql::fit_arrays(key) && expected.fit_arrays;
        for (const auto& column : expected.columns)
            made.hashed.push_back(column.test == sql::value_test::hash);
        if (step.what == verb::update) {
            const sql::row_change change{set, returning};
            made.text = made.arrays ? sql::update_rows(type.table, change, where)
                                    : sql::update_row(kind, type.table, change, where);
        } else {
            made.text = made.arrays ? sql::delete_rows(type.table, where) : sql::delete_row(kind, type.table, where);
        }
    }
    if (!layout.returning.empty() || !layout.written.empty()) {
        made.answer = &plan.layouts.emplace_back(std::move(layout));
    }
    return made;
}

parameters make_parameters(const flush_plan& plan, const flush_step& step, const step_statement& how, std::size_t first,
                           std::size_t count) {
    parameters out;
    std::vector<parameters> columns;
    value_sink sink(out, how.arrays ? &columns : nullptr);
    for (std::size_t i = first; i < first + count; ++i) {
        sink.start_row();
        add_step_row(plan, step, how, step.rows[i], sink);
    }
    for (const auto& column : columns)
        sql::add_array_parameter(out, column);
    return out;
}

void add_deferred(const flush_plan& plan, const class_descriptor& type, const deferred_column& late, parameters& out) {
    add_key_part(plan.inserts[late.target].key, late.part, type.relations[late.relation].columns.size(),
                 type.columns[late.column].wire, out);
}

std::string expected_version(const class_descriptor& type, std::string_view before, std::uint32_t earlier) {
    encoded_columns columns(before);
    for (int i = 0; i < type.version_column; ++i)
        static_cast<void>(columns.next());
    const auto column = columns.next();
    const auto wire = type.columns[static_cast<std::size_t>(type.version_column)].wire;
    const auto held = key_of_cell(cell_of(column, wire)); // integers of any size are eight bytes there
    parameters raised;
    add_key_part(key_value(load<std::int64_t>(held.bytes().data()) + earlier), 0, 1, wire, raised);
    return std::string(raised.encoded(0));
}

} // namespace wharf::orm
