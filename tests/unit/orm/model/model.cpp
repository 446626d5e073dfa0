#include "unit/orm/model/model.hpp"

#include <algorithm>

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
    if (info_of(target.type).generated)
        return target.own_key.empty() ? "new#" + std::to_string(target.number) : target.own_key;
    return key_of_row(target.type, effective(target));
}

row model::effective(const object& of) const {
    row cells;
    const auto columns = info_of(of.type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].role == role::key) {
            cells.emplace_back(key_text(of));
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

/// Objects that leave refer to objects: the keys of those that leave too mean nothing any more.
void model::hold_targets(object& leaving) {
    const auto columns = info_of(leaving.type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto& member = leaving.now[i];
        if (leaving.by_member && columns[i].has_member)
            member = place{leaving.base[i], 0}; // it is as the INSERT had it
        if (columns[i].role != role::reference || member.target != 0 || !member.text) continue;
        if (const auto* const known = object_of(columns[i].target, *member.text)) member = place{{}, known->number};
    }
}

void model::restore(const world& before) {
    for (auto& [number, of] : now.objects)
        if (!before.objects.contains(number) && of.in_session() && !of.was_read) hold_targets(of);
    for (auto& [number, of] : now.objects) {
        if (of.expunged) continue;
        const auto found = before.objects.find(number);
        const auto* const then = found == before.objects.end() ? nullptr : &found->second;
        const bool was_detached = then != nullptr && then->status == object_status::detached &&
                                  (of.in_session() || (then->was_deleted && !of.was_deleted));
        if (then != nullptr && (then->in_session() || was_detached)) {
            const bool held = of.held;
            of = *then;
            of.held = held;
        } else if (of.in_session() && !of.was_read) {
            make_transient(of);
            of.own_key.clear();
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
    take_row(of);
}

/// A reference to an object whose row it is goes on to refer to the object.
void model::take_row(object& of) {
    for (std::size_t i = 0; i < of.now.size(); ++i) {
        const auto target = of.now[i].target;
        if (target == 0 || at(target).key.empty() || of.base[i] != at(target).key) of.now[i] = place{of.base[i], 0};
    }
}

void model::touch(object& of) {
    if (of.expired && of.status == object_status::persistent) read_again(of);
}

void model::read_again(object& of) {
    const auto* const cells = now.rows.find(of.type, of.key);
    of.expired = false;
    if (cells == nullptr) return;
    of.base = *cells;
    take_row(of);
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
