// Somebody else, who changes, inserts and deletes committed rows between any two steps.
#include "unit/orm/model/play.hpp"

#include <algorithm>

namespace orm_model {
namespace {

std::string quoted(const column_info& column, kind type, const std::string& value) {
    const bool is_text = column.role == role::value ||
                         (column.role == role::reference && column.target == kind::order && type == kind::line);
    return is_text ? "'" + value + "'" : value;
}

std::string condition(kind type, const row& cells) {
    std::string made;
    const auto columns = info_of(type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].in_key) {
            made += (made.empty() ? " WHERE " : " AND ") + std::string(columns[i].name) + " = " +
                    quoted(columns[i], type, *cells[i]);
        }
    return made;
}

/// He would wait for the session's transaction.
bool would_wait(const play& in, kind type, const std::string& key) {
    if (in.on.is_postgres()) return in.locked.contains(line_key(type, key));
    return in.wrote || in.locks_database;
}

/// Its key, when all others are at rest.
const row* committed_row(const play& in, kind type, int which) {
    const auto& table = in.model.committed.of(type);
    if (table.empty()) return nullptr;
    return &std::next(table.begin(), which % static_cast<std::ptrdiff_t>(table.size()))->second;
}

bool choose_row(const play& in, generator& random, step& made) {
    made.on = {below(random, kinds), below(random, 20), below(random, 30), below(random, 3), 0, 0};
    return !in.model.committed.of(static_cast<kind>(made.on[0])).empty();
}

// other_update: class, which of its rows, value: of the first column that is no key; 0: by a session of his own
bool run_update(play& in, const step& done) {
    const auto type = static_cast<kind>(done.on[0]);
    const auto* const found = committed_row(in, type, done.on[1]);
    if (found == nullptr) return false;
    const auto before = *found;
    const auto key = key_of_row(type, before);
    if (would_wait(in, type, key)) return false;
    const auto columns = info_of(type).columns;
    std::size_t column = 0;
    while (columns[column].in_key)
        ++column;
    auto after = before;
    after[column] = value_for(type, column, done.on[2]);
    if (after == before) return false;
    if (type == kind::person) after[3] = std::to_string(std::stoll(*before[3]) + 1);
    in.expect_success("somebody else's change", [&] {
        if (done.on[3] == 0) {
            subject other(in.on);
            other.handles[1] = other.get(type, key);
            columns[column].write(other.write(1, type), after[column]);
            other.session.commit();
            return;
        }
        auto sql = "UPDATE " + std::string(info_of(type).table) + " SET " + std::string(columns[column].name) + " = " +
                   quoted(columns[column], type, *after[column]);
        if (type == kind::person) sql += ", version = version + 1";
        in.on.other().execute(wharf::raw_sql(sql + condition(type, before)));
    });
    in.other_wrote = true;
    in.model.note_earlier(line_key(type, key), before);
    in.model.change_rows(type, [&](auto& table) {
        const auto at = table.find(key);
        if (at == table.end()) return;
        at->second[column] = after[column];
        if (type == kind::person) at->second[3] = after[3];
    });
    return true;
}

/// Nobody waits for a lock that a foreign key needs.
bool is_at_rest(const play& in) {
    return !in.wrote && !in.locks_database;
}

// other_insert: value: a person
bool run_insert(play& in, const step& done) {
    if (!is_at_rest(in)) return false;
    const auto name = *value_for(kind::person, 1, done.on[2]);
    std::string key;
    in.expect_success("somebody else's row", [&] {
        key = std::to_string(in.on.other()
                                 .query<std::int64_t>(wharf::raw_sql("INSERT INTO persons (name, version) VALUES ('" +
                                                                     name + "', 0) RETURNING id"))
                                 .one());
    });
    in.other_wrote = true;
    in.model.change_rows(kind::person, [&](auto& table) { table[key] = {key, name, {}, "0", {}}; });
    return true;
}

bool is_referred_to(const database& rows, kind target, const std::string& key) {
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto columns = info_of(static_cast<kind>(i)).columns;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (columns[c].role != role::reference || columns[c].target != target) continue;
            for (const auto& [at, cells] : rows.tables[i])
                if (cells[c] == key) return true;
        }
    }
    return false;
}

// other_delete: class, which of its rows: one that no row refers to
bool run_delete(play& in, const step& done) {
    const auto type = static_cast<kind>(done.on[0]);
    const auto* const found = committed_row(in, type, done.on[1]);
    if (found == nullptr || !is_at_rest(in)) return false;
    const auto before = *found;
    const auto key = key_of_row(type, before);
    if (is_referred_to(in.model.committed, type, key)) return false;
    for (const auto& [number, of] : in.model.now.objects) // who may turn up by any access to what holds it
        if (of.type == type && of.key == key && !of.held) return false;
    in.expect_success("somebody else's deletion", [&] {
        in.on.other().execute(
            wharf::raw_sql("DELETE FROM " + std::string(info_of(type).table) + condition(type, before)));
    });
    in.other_wrote = true;
    in.model.change_rows(type, [&](auto& table) { table.erase(key); });
    // What objects of the row say from now on is not compared, only that nothing is written by them.
    for (auto& [number, of] : in.model.now.objects)
        if (of.type == type && of.key == key) of.held = false;
    return true;
}

} // namespace

std::vector<operation> other_operations() {
    return {{"other_update", "other_update", 8, false, &choose_row, &run_update},
            {"other_insert", "other_insert", 2, false, &choose_row, &run_insert},
            {"other_delete", "other_delete", 2, false, &choose_row, &run_delete}};
}

} // namespace orm_model
