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
    begin_level_0();
}

void model::begin_level_0() {
    levels.assign(1, now);
    levels[0].began = ++clock_;
}

void model::savepoint() {
    levels.push_back(now);
    levels.back().began = ++clock_;
}

void model::note_coming(object& coming) {
    coming.outside = std::make_shared<object>(coming);
    coming.came_at = ++clock_;
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
    begin_level_0();
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
    const auto undone = undone_keys(before);
    for (auto& [number, of] : now.objects)
        if (!before.objects.contains(number) && of.in_session() && !of.was_read) hold_targets(of);
    for (auto& [number, of] : now.objects) {
        const auto found = before.objects.find(number);
        const auto* const then = found == before.objects.end() ? nullptr : &found->second;
        const auto held = of.held;
        if (of.expunged) {
            learn_row(of, then, before, undone);
        } else if (of.outside != nullptr && of.came_at > before.began) {
            if (of.outside->status == object_status::transient) {
                const auto own_key = of.outside->own_key;
                make_transient(of);
                of.own_key = own_key;
                of.expunged = true;
                learn_row(of, then, before, undone);
                continue;
            }
            const auto flushed_at = of.flushed_at;
            of = object(*of.outside);
            of.held = held;
            of.flushed_at = flushed_at;
            const bool had_left = then == nullptr || then->in_session() || of.came_at > before.began;
            learn_row(of, then, before, had_left ? undone : std::set<std::string>());
        } else if (then != nullptr && then->in_session()) {
            of = *then;
            of.held = held;
        } else if (of.in_session() && !of.was_read) {
            make_transient(of);
            of.own_key = then == nullptr ? "" : then->own_key;
        } else if (then == nullptr && of.status == object_status::transient && !of.was_read) {
            of.own_key.clear();
        } else if (of.in_session() ||
                   (of.was_read &&
                    of.status ==
                        object_status::transient)) { // read since then: its row as it is again, if there is one
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
    for (auto& [number, of] : now.objects)
        for (auto& member : of.now) // what is out is referred to by the key of its row
            if (of.in_session() && member.target != 0 && at(member.target).status == object_status::detached)
                member = place{at(member.target).key, 0};
    now.rows = before.rows;
    now.earlier = before.earlier;
}

/// Of rows that objects were inserted as since then, by line_key().
std::set<std::string> model::undone_keys(const world& before) const {
    std::set<std::string> found;
    for (const auto& [number, of] : now.objects)
        if (!of.was_read && now.rows.find(of.type, of.key) != nullptr && before.rows.find(of.type, of.key) == nullptr)
            found.insert(line_key(of.type, of.key));
    return found;
}

/// What has left a session learns what has become of its row, and of those that it refers to.
void model::learn_row(object& outside, const object* then, const world& before, const std::set<std::string>& undone) {
    const bool had_one =
        then != nullptr && then->status != object_status::transient && then->status != object_status::pending;
    if (outside.status == object_status::transient) {
        if (!had_one) {
            if (!outside.was_read) outside.own_key = then == nullptr ? "" : then->own_key;
            return;
        }
        detach(outside);
    }
    const bool was_only_read = outside.flushed_at <= before.began;
    if (outside.status == object_status::detached && then == nullptr && outside.was_read) {
        const auto* const cells = before.rows.find(outside.type, outside.key);
        if (was_only_read || cells == nullptr) return;
        outside.base = *cells;
        if (outside.type == kind::person) outside.now[3].text = outside.base[3];
    }
    if (outside.status != object_status::detached || (then == nullptr && outside.was_read)) return;
    outside.was_deleted = !had_one || then->was_deleted || then->status == object_status::deleted;
    outside.key = then == nullptr ? "" : then->key;
    outside.own_key = then == nullptr ? "" : then->own_key;
    if (!was_only_read) outside.base = then == nullptr ? row() : then->base;
    if (!was_only_read && !outside.was_deleted && outside.type == kind::person) outside.now[3].text = outside.base[3];
    const auto columns = info_of(outside.type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (const auto& key = outside.now[i].text;
            columns[i].role == role::reference && key && undone.contains(line_key(columns[i].target, *key))) {
            outside.now[i] = place{outside.was_deleted ? cell() : outside.base[i], 0};
        }
}

void model::detach(object& leaving) {
    const auto cells = effective(leaving);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (leaving.now[i].target == 0) continue;
        const bool is_new = at(leaving.now[i].target).key.empty(); // it cannot be held on to
        const auto lost = leaving.base.empty() ? cell() : leaving.base[i];
        leaving.now[i] = place{is_new ? lost : cells[i], 0};
    }
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

void model::leave_pending(object& leaving) {
    const auto before = leaving.outside;
    if (before != nullptr && before->status == object_status::transient && leaving.came_at > levels[0].began) {
        make_transient(leaving);
        leaving.own_key = before->own_key;
        return leave_expunged(leaving);
    }
    if (before == nullptr || before->status != object_status::detached || leaving.came_at <= levels[0].began) {
        if (leaving.in_session()) make_transient(leaving);
        return;
    }
    for (std::size_t i = 0; i < leaving.now.size(); ++i) {
        const auto target = leaving.now[i].target;
        if (target == 0) continue;
        leaving.now[i] = at(target).key.empty() ? before->now[i] : place{at(target).key, 0};
    }
    leaving.status = object_status::detached;
    leaving.was_deleted = true;
    leaving.key = before->key;
    leaving.own_key = before->own_key;
}

void model::leave_expunged(object& leaving) {
    const auto found = levels[0].objects.find(leaving.number);
    learn_row(leaving, found == levels[0].objects.end() ? nullptr : &found->second, levels[0], undone_keys(levels[0]));
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
