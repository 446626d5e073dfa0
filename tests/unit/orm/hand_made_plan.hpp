// Plans of flushes without a session, a database or even a mapped class: descriptors and rows made by hand. All columns
// are integers, the first one is the key.
#pragma once

#include "orm/dependencies.hpp"
#include "wharf/row/bytes.hpp"

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::orm::test {

using value = std::optional<std::int64_t>;
using values = std::vector<value>;
constexpr auto null = std::nullopt;

inline encoded_row encode(const values& row) {
    parameters out;
    for (const auto& cell : row) {
        if (!cell) {
            out.add_null(type_oid::int8);
        } else {
            out.add(type_oid::int8, [&](std::string& bytes) { append(bytes, *cell); });
        }
    }
    return encoded_row(out.encoded());
}

inline values decode(std::string_view row, std::size_t columns) {
    values out;
    encoded_columns walk(row);
    for (std::size_t i = 0; i < columns; ++i) {
        const auto cell = cell_of(walk.next(), type_oid::int8);
        out.push_back(cell.null ? value() : value(load<std::int64_t>(cell.bytes.data())));
    }
    return out;
}

/// A table: table("users").unique("email").
class table {
public:
    explicit table(std::string_view name) {
        type_.type = &type_;
        type_.table = name;
        type_.key_size = 1;
        add("id", {}).key = true;
    }
    table(const table&) = delete;
    table& operator=(const table&) = delete;

    table& plain(std::string_view name) { return also(name, {.nullable = true}); }
    table& unique(std::string_view name) { return also(name, {.unique = true}); }
    table& nullable_unique(std::string_view name) { return also(name, {.unique = true, .nullable = true}); }
    table& refers_to(const table& target, std::string_view name) { return refer(target, name, {}); }
    table& may_refer_to(const table& target, std::string_view name) { return refer(target, name, {.nullable = true}); }
    table& refer(const table& target, std::string_view name, column_descriptor how) {
        how.relation = static_cast<int>(type_.relations.size());
        type_.relations.push_back(
            {.name = name, .target = &target.type_, .nullable = how.nullable, .columns = {type_.columns.size()}});
        return also(name, how);
    }

    table& unique_together(std::vector<std::size_t> columns) {
        type_.uniques.push_back(std::move(columns));
        return *this;
    }

    [[nodiscard]] const class_descriptor& type() const noexcept { return type_; }
    [[nodiscard]] std::size_t column_count() const noexcept { return type_.columns.size(); }

private:
    column_descriptor& add(std::string_view name, column_descriptor how) {
        how.name = name;
        how.wire = type_oid::int8;
        return type_.columns.emplace_back(how);
    }
    table& also(std::string_view name, const column_descriptor& how) {
        add(name, how);
        return *this;
    }

    class_descriptor type_{};
};

/// What a reference holds: the key of an insert of the same plan that is not known before it is inserted.
struct key_of_insert {
    std::size_t column;
    std::size_t target;
};

class hand_made_plan {
public:
    /// With an unset key it is generated. Returns its number among the inserts.
    std::size_t insert(const table& into, const values& row, std::initializer_list<key_of_insert> late = {}) {
        auto& made = plan.inserts.emplace_back();
        made.type = &into.type();
        made.row = encode(row);
        for (std::size_t i = 0; i < row.size(); ++i)
            if (i != 0 || row[0]) made.given.set(i);
        if (row[0]) made.key = key_value(*row[0]);
        defer(into, late, made.deferred);
        return plan.inserts.size() - 1;
    }
    void update(const table& in, const values& before, const values& row,
                std::initializer_list<key_of_insert> late = {}) {
        auto& made = plan.updates.emplace_back();
        made.type = &in.type();
        made.key = key_value(*before[0]);
        made.before = encode(before);
        made.row = encode(row);
        for (std::size_t i = 0; i < row.size(); ++i)
            if (before[i] != row[i]) made.changed.set(i);
        defer(in, late, made.deferred);
        for (const auto& deferred : made.deferred)
            made.changed.set(deferred.column);
    }
    void remove(const table& from, const values& before) {
        plan.deletes.push_back({&from.type(), nullptr, key_value(*before[0]), encode(before)});
    }

    /// The steps in words: "insert users 1 2", "update users.email 3", "clear users.email 3" for NULL on the way,
    /// "delete users 4"; a generated key is #0, #1 ...
    std::vector<std::string> steps(std::span<const unique_columns> deferrable = {}) {
        make_steps(plan, settle_order(plan, deferrable));
        std::vector<std::string> all;
        for (const auto& step : plan.steps)
            all.push_back(text_of(step));
        return all;
    }

    flush_plan plan{};

private:
    void defer(const table& in, std::initializer_list<key_of_insert> late, std::vector<deferred_column>& out) {
        for (const auto& [column, target] : late) {
            const auto relation = static_cast<std::size_t>(in.type().columns[column].relation);
            out.push_back({column, target, 0, relation});
            plan.inserts[target].wanted = true;
        }
    }

    [[nodiscard]] std::string insert_name(std::size_t index) const {
        const auto& key = plan.inserts[index].key;
        return " " + (key.is_set() ? describe_key(*plan.inserts[index].type, key) : "#" + std::to_string(index));
    }

    [[nodiscard]] std::string text_of(const flush_step& step) const {
        std::string rows;
        std::string columns;
        bool passing = false;
        for (std::size_t i = 0; i < step.type->columns.size(); ++i)
            if (step.what == flush_step::verb::update && step.columns.test(i))
                columns += "." + std::string(step.type->columns[i].name);
        for (const auto row : step.rows) {
            if (step.what == flush_step::verb::insert) {
                rows += insert_name(row);
            } else if (step.what == flush_step::verb::update) {
                const auto& update = plan.updates[row];
                passing = passing || update.passing;
                rows += update.key.is_set() ? " " + describe_key(*update.type, update.key) : insert_name(update.insert);
            } else {
                rows += " " + describe_key(*step.type, plan.deletes[row].key);
            }
        }
        const std::string verb = step.what == flush_step::verb::insert   ? "insert "
                                 : step.what == flush_step::verb::remove ? "delete "
                                 : passing                               ? "clear "
                                                                         : "update ";
        return verb + std::string(step.type->table) + columns + rows;
    }
};

} // namespace wharf::orm::test
