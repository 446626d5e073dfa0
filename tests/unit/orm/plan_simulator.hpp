// A database of integers that checks every constraint at every single row, as strictly as any database does: what a
// plan may be run against. It also holds a plan to what it says of each row: its key, what it held before, how many
// updates of it were earlier.
#pragma once

#include "unit/orm/hand_made_plan.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace wharf::orm::test {

struct stored_row {
    values cells;
    std::uint32_t updates{0};
};

/// By table and key.
using stored_rows = std::map<const class_descriptor*, std::map<std::int64_t, stored_row>>;

/// Whether two rows have the same of what is unique together.
inline bool clash(const class_descriptor& type, const values& left, const values& right) {
    return std::ranges::any_of(type.uniques, [&](const std::vector<std::size_t>& together) {
        return std::ranges::all_of(together, [&](std::size_t i) { return left[i] && left[i] == right[i]; });
    });
}

class simulated_database {
public:
    explicit simulated_database(stored_rows rows) : rows_(std::move(rows)) {}

    [[nodiscard]] const stored_rows& rows() const noexcept { return rows_; }
    /// What the last operation violated; empty when nothing.
    [[nodiscard]] const std::string& violation() const noexcept { return violation_; }

    bool insert(const class_descriptor& type, const values& row) { return change(type, nullptr, &row); }
    bool update(const class_descriptor& type, std::int64_t key, const values& row) { return change(type, &key, &row); }
    bool remove(const class_descriptor& type, std::int64_t key) { return change(type, &key, nullptr); }

    /// Runs a plan whose steps are in order, the rows of updates and deletes in any; `generated` are the keys that the
    /// database gives to its inserts.
    bool run(flush_plan& plan, const std::vector<std::int64_t>& generated, std::mt19937& random) {
        for (const auto& step : plan.steps) {
            auto order = step.rows;
            if (step.what != flush_step::verb::insert) std::shuffle(order.begin(), order.end(), random);
            for (const auto row : order)
                if (!run_row(plan, step, row, generated)) return false;
        }
        return true;
    }

private:
    bool change(const class_descriptor& type, const std::int64_t* key, const values* row) {
        auto& table = rows_[&type];
        if (key != nullptr && !table.contains(*key)) return violates("no such row", type);
        if (row != nullptr) {
            const auto to = *(*row)[0];
            if ((key == nullptr || to != *key) && table.contains(to)) return violates("primary key", type);
            if (!is_allowed(type, key, *row)) return false;
        }
        const bool loses_key = key != nullptr && (row == nullptr || *(*row)[0] != *key);
        if (loses_key && is_referred_to(type, *key)) return violates("foreign key to", type);
        std::uint32_t updates = 0;
        if (key != nullptr) updates = table.extract(*key).mapped().updates + 1;
        if (row != nullptr) table[*(*row)[0]] = {*row, updates};
        return true;
    }

    bool is_allowed(const class_descriptor& type, const std::int64_t* key, const values& row) {
        for (const auto& [other, stored] : rows_[&type])
            if ((key == nullptr || other != *key) && clash(type, stored.cells, row))
                return violates("columns that are unique together of", type);
        for (std::size_t i = 1; i < type.columns.size(); ++i) {
            const auto& column = type.columns[i];
            if (!row[i]) {
                if (!column.nullable) return violates("NOT NULL of", type);
                continue;
            }
            for (const auto& [other, stored] : rows_[&type])
                if (column.unique && (key == nullptr || other != *key) && stored.cells[i] == row[i])
                    return violates("unique column of", type);
            if (column.relation < 0) continue;
            const auto& target =
                *static_cast<const class_descriptor*>(type.relations[static_cast<std::size_t>(column.relation)].target);
            const bool itself = &target == &type && row[i] == row[0];
            if (!itself && !rows_[&target].contains(*row[i])) return violates("foreign key of", type);
        }
        return true;
    }

    [[nodiscard]] bool is_referred_to(const class_descriptor& target, std::int64_t key) const {
        for (const auto& [type, table] : rows_)
            for (const auto& [other, stored] : table)
                for (const auto& relation : type->relations)
                    if (relation.target == &target && !(type == &target && other == key) &&
                        stored.cells[relation.columns[0]] == key)
                        return true;
        return false;
    }

    bool run_row(flush_plan& plan, const flush_step& step, std::size_t row,
                 const std::vector<std::int64_t>& generated) {
        const auto& type = *step.type;
        const auto filled = [&](std::string_view cells, const std::vector<deferred_column>& deferred) {
            auto out = decode(cells, type.columns.size());
            for (const auto& late : deferred)
                out[late.column] = generated[late.target];
            return out;
        };
        if (step.what == flush_step::verb::insert) {
            auto cells = filled(plan.inserts[row].row, plan.inserts[row].deferred);
            cells[0] = generated[row];
            for (const auto& late : plan.inserts[row].deferred)
                if (!inserted_[late.target]) return violates("key that is not known of", type);
            inserted_[row] = true;
            return insert(type, cells);
        }
        if (step.what == flush_step::verb::remove) {
            const auto& removed = plan.deletes[row];
            const auto key = integer(removed.key);
            return is_as_said(type, key, removed.before, {}, removed.earlier) && remove(type, key);
        }
        const auto& update = plan.updates[row];
        for (const auto& late : update.deferred)
            if (!inserted_[late.target]) return violates("key that is not known of", type);
        const auto key = update.key.is_set() ? integer(update.key) : generated[update.insert];
        if (!is_as_said(type, key, update.before, update.changed, update.earlier)) return false;
        auto cells = rows_[&type].at(key).cells;
        const auto now = filled(update.row, update.deferred);
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (update.changed.test(i)) cells[i] = now[i];
        return this->update(type, key, cells);
    }

    bool is_as_said(const class_descriptor& type, std::int64_t key, std::string_view before, const column_set& columns,
                    std::uint32_t earlier) {
        const auto found = rows_[&type].find(key);
        if (found == rows_[&type].end()) return violates("no row where the plan says of", type);
        if (found->second.updates != earlier) return violates("count of earlier updates of", type);
        const auto cells = decode(before, type.columns.size());
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (columns.test(i) && cells[i] != found->second.cells[i])
                return violates("what was there before of", type);
        return true;
    }

    static std::int64_t integer(const key_value& key) { return load<std::int64_t>(key.bytes().data()); }

    bool violates(std::string_view what, const class_descriptor& type) {
        violation_ = std::string(what) + " " + std::string(type.table);
        return false;
    }

    stored_rows rows_;
    std::map<std::size_t, bool> inserted_{};
    std::string violation_{};
};

} // namespace wharf::orm::test
