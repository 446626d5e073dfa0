#include "unit/orm/model/model.hpp"

#include <algorithm>
#include <tuple>

namespace orm_model {

const row* database::find(kind type, const std::string& key) const {
    const auto found = of(type).find(key);
    return found == of(type).end() ? nullptr : &found->second;
}

std::vector<std::string> database::lines() const {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < kinds; ++i)
        for (const auto& [key, cells] : tables[i])
            made.push_back(line_of(static_cast<kind>(i), cells));
    std::sort(made.begin(), made.end());
    return made;
}

std::string key_of_row(kind type, const row& cells) {
    std::string key;
    const auto columns = info_of(type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].in_key) key.append(key.empty() ? "" : "/").append(cells[i].value_or("~"));
    return key;
}

std::string line_key(kind type, const std::string& key) {
    return std::string(info_of(type).name) + " " + key;
}

std::string_view name_of(outcome how) {
    constexpr std::array<std::string_view, 8> names{"success",   "unique_violation", "foreign_key_violation",
                                                    "a null",    "stale_data",       "serialization_failure",
                                                    "a refusal", "another error"};
    return names[static_cast<std::size_t>(how)];
}

object* model::held(int number) {
    const auto found = now.objects.find(number);
    return found == now.objects.end() || !found->second.held ? nullptr : &found->second;
}

int model::next_number() const {
    const auto above = now.objects.lower_bound(1001);
    return above == now.objects.begin() ? 1 : std::prev(above)->first + 1;
}

const object* model::object_of(kind type, const std::string& key) const {
    for (const auto& [number, candidate] : now.objects)
        if (candidate.type == type && candidate.status == object_status::persistent && candidate.key == key) {
            return &candidate;
        }
    return nullptr;
}

std::string model::key_text(const object& target) const {
    if (!target.key.empty()) return target.key;
    if (info_of(target.type).generated) return "new#" + std::to_string(target.number);
    return key_of_row(target.type, effective(target));
}

row model::effective(const object& of) const {
    row cells;
    const auto columns = info_of(of.type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].role == role::key) {
            cells.emplace_back(of.key.empty() ? "new#" + std::to_string(of.number) : of.key);
        } else {
            cells.push_back(reference_text(of, i));
        }
    }
    return cells;
}

// A reference that was there before its target got another key keeps the old one; a new one takes the new key.
cell model::reference_text(const object& of, std::size_t column) const {
    const auto& member = of.now[column];
    if (member.target == 0) return member.text;
    const auto& target = at(member.target);
    const auto key = key_text(target);
    if (target.status != object_status::persistent || info_of(target.type).generated) return key;
    return of.status == object_status::persistent && of.base[column] == key
               ? key
               : key_of_row(target.type, effective(target));
}

bool model::is_changed(const object& of) const {
    return of.status == object_status::persistent && effective(of) != of.base;
}

bool model::is_modified() const {
    return std::any_of(now.objects.begin(), now.objects.end(), [&](const auto& entry) {
        const auto& candidate = entry.second;
        return candidate.in_session() &&
               (candidate.status == object_status::pending || candidate.removal || is_changed(candidate));
    });
}

std::set<int> model::referring(kind type, std::size_t column, const object& target) const {
    std::set<int> found;
    for (const auto& [number, candidate] : now.objects) {
        if (candidate.type != type || !candidate.lives()) continue;
        const auto& member = candidate.now[column];
        if (member.target == target.number ||
            (member.target == 0 && member.text && !target.key.empty() && *member.text == target.key)) {
            found.insert(number);
        }
    }
    return found;
}

namespace {

/// Keys that change places: what has one cannot be written by any order of UPDATEs.
bool has_circle(const std::map<std::string, std::string>& renamed) {
    for (const auto& [from, to] : renamed) {
        auto at = renamed.find(to);
        for (std::size_t steps = 0; at != renamed.end() && steps <= renamed.size(); ++steps) {
            if (at->first == from) return true;
            at = renamed.find(at->second);
        }
    }
    return false;
}

void check_constraints(forecast& seen) {
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto columns = info_of(static_cast<kind>(i)).columns;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            std::set<std::string> values;
            for (const auto& [key, cells] : seen.after.tables[i]) {
                const auto& value = cells[c];
                if (!value) {
                    if (!columns[c].nullable) seen.failures.insert(outcome::not_null);
                    continue;
                }
                if (columns[c].unique && !values.insert(*value).second) seen.failures.insert(outcome::unique);
                if (columns[c].role == role::reference && seen.after.find(columns[c].target, *value) == nullptr) {
                    seen.failures.insert(outcome::foreign_key);
                }
            }
        }
    }
}

/// Whether somebody else changed what an UPDATE from `base` overwrites in `held`.
bool is_stale(kind type, const row& base, const row& wanted, const row& held) {
    const auto columns = info_of(type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].role == role::version) return base[i] != held[i];
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (base[i] != wanted[i] && base[i] != held[i]) return true;
    return false;
}

/// An UPDATE from `base` leaves alone what it does not change.
void keep_unchanged(const row& base, const row& held, row& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i] == base[i]) wanted[i] = held[i];
}

} // namespace

const object* model::replaced_by(const object& added) const {
    if (added.status != object_status::pending || info_of(added.type).generated) return nullptr;
    const auto* const known = object_of(added.type, key_text(added));
    if (known == nullptr || !known->removal) return nullptr;
    const auto wanted = effective(added);
    const auto columns = info_of(added.type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) // an UPDATE would go on to refer to a row that leaves
        if (columns[i].role == role::reference && wanted[i] && wanted[i] == known->base[i] &&
            leaves(columns[i].target, *wanted[i])) {
            return nullptr;
        }
    return known;
}

bool model::leaves(kind type, const std::string& key) const {
    const auto* const known = object_of(type, key);
    if (known == nullptr) return false;
    if (!known->removal) return key_of_row(type, effective(*known)) != key;
    return std::none_of(now.objects.begin(), now.objects.end(), [&](const auto& entry) {
        return entry.second.type == type && replaced_by(entry.second) == known;
    });
}

forecast model::foresee() const {
    forecast seen;
    seen.after = now.rows;
    std::vector<std::pair<kind, row>> put;
    std::array<std::map<std::string, std::string>, kinds> renamed;
    std::array<std::set<std::string>, kinds> vacated; // keys whose rows are deleted, or get others
    std::set<int> switched; // removed objects whose rows are taken over
    for (const auto& [number, of] : now.objects)
        if (const auto* const earlier = replaced_by(of)) switched.insert(earlier->number);
    std::vector<std::tuple<kind, row, row>> updated; // from what to what
    for (const auto& [number, of] : now.objects) {
        auto& table = seen.after.of(of.type);
        if (of.status == object_status::pending) {
            auto wanted = effective(of);
            if (const auto* const replaced = replaced_by(of)) { // an UPDATE
                const auto* const found = now.rows.find(of.type, replaced->key);
                if (found == nullptr || is_stale(of.type, replaced->base, wanted, *found)) {
                    seen.failures.insert(outcome::stale);
                } else {
                    keep_unchanged(replaced->base, *found, wanted);
                    updated.emplace_back(of.type, *found, wanted);
                }
            }
            put.emplace_back(of.type, std::move(wanted));
            seen.written.insert(number);
        } else if (of.status == object_status::persistent && of.removal) {
            const auto found = table.find(of.key);
            if (found == table.end() || (of.type == kind::person && found->second[3] != of.base[3])) {
                seen.failures.insert(outcome::stale);
            }
            table.erase(of.key);
            if (!switched.contains(number)) vacated[static_cast<std::size_t>(of.type)].insert(of.key);
        } else if (is_changed(of)) {
            auto wanted = effective(of);
            const auto found = table.find(of.key);
            if (found == table.end() || is_stale(of.type, of.base, wanted, found->second)) {
                seen.failures.insert(outcome::stale);
            }
            if (found != table.end()) {
                keep_unchanged(of.base, found->second, wanted);
                updated.emplace_back(of.type, found->second, wanted);
                table.erase(found);
            }
            const auto key = key_of_row(of.type, wanted);
            if (key != of.key) {
                renamed[static_cast<std::size_t>(of.type)][of.key] = key;
                vacated[static_cast<std::size_t>(of.type)].insert(of.key);
            }
            put.emplace_back(of.type, std::move(wanted));
            seen.written.insert(number);
        }
    }
    // References that stay where they are: the row that they lead to has to stay too, though another gets its key.
    for (std::size_t i = 0; i < kinds; ++i)
        for (const auto& [key, cells] : seen.after.tables[i])
            updated.emplace_back(static_cast<kind>(i), cells, cells);
    for (const auto& [type, before, after] : updated) {
        const auto columns = info_of(type).columns;
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (columns[c].role == role::reference && before[c] && before[c] == after[c] &&
                vacated[static_cast<std::size_t>(columns[c].target)].contains(*before[c])) {
                seen.failures.insert(outcome::foreign_key);
            }
    }
    for (auto& [type, cells] : put)
        if (!seen.after.of(type).emplace(key_of_row(type, cells), cells).second) seen.failures.insert(outcome::unique);
    for (const auto& keys : renamed)
        if (has_circle(keys)) seen.failures.insert(outcome::refused);
    check_constraints(seen);
    return seen;
}

void model::flushed(const forecast& seen, const std::function<row(const object&)>& learn) {
    auto rows = now.rows;
    for (auto& [number, of] : now.objects) {
        if (of.status != object_status::persistent || (!of.removal && seen.written.count(number) == 0)) continue;
        rows.of(of.type).erase(of.key);
    }
    for (auto& [number, of] : now.objects) { // keys first: others refer to them
        if (of.status == object_status::pending && info_of(of.type).generated) of.key = learn(of)[0].value_or("");
    }
    std::map<int, int> replaced; // the object whose row it was, and whose it is
    for (auto& [number, of] : now.objects)
        if (const auto* const earlier = replaced_by(of)) {
            replaced[earlier->number] = number;
            of.base = earlier->base;
            of.key = earlier->key;
        }
    for (auto& [number, of] : now.objects) {
        if (of.removal && of.status == object_status::persistent) {
            of.status = object_status::deleted;
            of.removal = false;
        }
        if (seen.written.count(number) == 0) continue;
        auto cells = effective(of);
        if (const auto* const before = of.base.empty() ? nullptr : now.rows.find(of.type, of.key))
            keep_unchanged(of.base, *before, cells);
        if (of.type == kind::person) cells[3] = of.now[3].text = learn(of)[3];
        of.base = effective(of);
        of.status = object_status::persistent;
        of.by_member = false;
        of.key = key_of_row(of.type, cells);
        rows.of(of.type)[of.key] = std::move(cells);
    }
    now.rows = std::move(rows);
    for (auto& [number, of] : now.objects)
        for (auto& member : of.now)
            if (const auto found = replaced.find(member.target); found != replaced.end() && of.lives())
                member.target = found->second;
}

void model::commit() {
    for (auto& [number, of] : now.objects)
        if (of.status == object_status::deleted) {
            detach(of);
            of.was_deleted = true;
        }
    committed = now.rows;
    levels.assign(1, now);
}

void model::change_rows(kind type, const std::function<void(std::map<std::string, row>&)>& change) {
    change(committed.of(type));
    change(now.rows.of(type));
    for (auto& level : levels)
        change(level.rows.of(type));
}

void model::note_earlier(const std::string& line, const row& before) {
    now.earlier[line].push_back(before);
    for (auto& level : levels)
        level.earlier[line].push_back(before);
}

void model::rollback_to(std::size_t level) {
    restore(levels[level]);
    levels.resize(level);
    if (failed && *failed >= level) failed.reset();
}

void model::rollback() {
    restore(levels[0]);
    levels.assign(1, now);
    failed.reset();
}

void model::restore(const world& before) {
    for (auto& [number, of] : now.objects) {
        if (of.expunged) continue;
        const auto found = before.objects.find(number);
        const auto* const then = found == before.objects.end() ? nullptr : &found->second;
        if (then != nullptr && (then->in_session() || (of.in_session() && then->status == object_status::detached))) {
            const bool held = of.held;
            of = *then;
            of.held = held;
        } else if (of.in_session() && !of.was_read) {
            make_transient(of);
        } else if (of.in_session()) { // read since then: its row as it is again, if there is one
            const auto* const cells = before.rows.find(of.type, key_of_row(of.type, of.base));
            of.held = of.held && cells != nullptr;
            if (cells == nullptr) {
                detach(of);
                continue;
            }
            of.base = *cells;
            of.key = key_of_row(of.type, *cells);
            of.status = object_status::persistent;
            of.removal = of.by_member = false;
            for (std::size_t i = 0; i < of.now.size(); ++i)
                of.now[i] = place{of.base[i], 0};
        }
    }
    now.rows = before.rows;
    now.earlier = before.earlier;
}

void model::detach(object& leaving) {
    const auto cells = effective(leaving);
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (leaving.now[i].target != 0) leaving.now[i] = place{cells[i], 0};
    leaving.status = object_status::detached;
    leaving.removal = false;
}

void model::expire(object& of) {
    of.expired = true;
    of.by_member = false;
    for (std::size_t i = 0; i < of.now.size(); ++i)
        of.now[i] = place{of.base[i], 0};
}

void model::touch(object& of) {
    if (of.expired && of.status == object_status::persistent) read_again(of);
}

void model::read_again(object& of) {
    const auto* const cells = now.rows.find(of.type, of.key);
    of.expired = false;
    if (cells == nullptr) return;
    of.base = *cells;
    for (std::size_t i = 0; i < of.now.size(); ++i)
        of.now[i] = place{of.base[i], 0};
}

void model::make_transient(object& leaving) {
    leaving.status = object_status::transient;
    leaving.removal = leaving.by_member = leaving.expired = false;
    leaving.key.clear();
    leaving.base.clear();
}

object& model::adopt(kind type, const std::string& key, const row& members) {
    object made;
    made.number = now.objects.empty() ? 1001 : std::max(1001, now.objects.rbegin()->first + 1);
    made.type = type;
    made.status = object_status::persistent;
    made.was_read = true;
    made.key = key;
    made.base = members;
    for (const auto& value : made.base)
        made.now.push_back({value, 0});
    return now.objects[made.number] = made;
}

} // namespace orm_model
