#include "orm/step_statement.hpp"

#include "orm/statements.hpp"
#include "sql/array_parameter.hpp"
#include "sql/change.hpp"
#include "sql/insert.hpp"
#include "wharf/row/bytes.hpp"

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
                 value_sink& out) {
    for (std::size_t i = 0; i < type.key_size; ++i)
        add_key_part(key, i, type.key_size, type.columns[i].wire, out.next());
    if (type.version_column < 0) return;
    const auto& version = type.columns[static_cast<std::size_t>(type.version_column)];
    add_cell(cell_of(expected_version(type, before, earlier), version.wire), out.next());
}

void add_step_row(const flush_plan& plan, const flush_step& step, std::size_t row, value_sink& out) {
    const auto& type = *step.type;
    switch (step.what) {
    case verb::insert: {
        const auto& insert = plan.inserts[row];
        add_row(plan, type, insert.row, step.columns, insert.deferred, insert.ahead ? &insert.key : nullptr, out);
        return;
    }
    case verb::update: {
        const auto& update = plan.updates[row];
        add_row(plan, type, update.row, step.columns, update.deferred, nullptr, out);
        const auto& key = update.key.is_set() ? update.key : plan.inserts[update.insert].key;
        add_address(type, key, update.before, update.earlier, out);
        return;
    }
    case verb::remove: {
        const auto& removed = plan.deletes[row];
        add_address(type, removed.key, removed.before, removed.earlier, out);
        return;
    }
    }
}

} // namespace

step_statement make_statement(backend kind, const flush_step& step) {
    const auto& type = *step.type;
    step_statement made;
    const bool postgres = kind == backend::postgres;
    const auto set = columns_in(type, step.columns);
    if (step.what == verb::insert) {
        std::vector<std::string_view> returning;
        auto identity = sql::identity_values::refused;
        for (std::size_t i = 0; i < type.columns.size(); ++i) {
            if (step.columns.test(i)) {
                if (type.columns[i].generated) identity = sql::identity_values::taken;
                continue;
            }
            made.returning.push_back(i);
            returning.push_back(type.columns[i].name);
        }
        made.arrays = postgres && step.rows.size() > 1 && !set.empty() && sql::fit_arrays(set);
        made.text = made.arrays ? sql::insert_rows(type.table, set, returning, identity)
                                : sql::insert_row(kind, type.table, set, returning, identity);
        return made;
    }
    const auto key = key_table_columns(type);
    std::optional<sql::table_column> version;
    if (type.version_column >= 0) version = table_column_of(type, static_cast<std::size_t>(type.version_column));
    const sql::row_address where{key, version ? &*version : nullptr};
    made.arrays = postgres && step.rows.size() > 1 && sql::fit_arrays(set) && sql::fit_arrays(key);
    if (step.what == verb::update) {
        made.text =
            made.arrays ? sql::update_rows(type.table, set, where) : sql::update_row(kind, type.table, set, where);
    } else {
        made.text = made.arrays ? sql::delete_rows(type.table, where) : sql::delete_row(kind, type.table, where);
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
        add_step_row(plan, step, step.rows[i], sink);
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
