// What a flush is going to do, and what has become of the objects behind it.
#include "unit/orm/model/model.hpp"

#include <algorithm>

namespace orm_model {
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

/// Finds out for one object after the other, and then looks at the rows that there would be.
class foreseeing {
public:
    explicit foreseeing(const model& of) : model_(of) {
        seen_.after = of.now.rows;
        for (const auto& [number, object] : of.now.objects)
            if (const auto* const replaced = of.replaced_by(object)) taken_over_.insert(replaced->number);
    }

    forecast run() {
        for (const auto& [number, of] : model_.now.objects) {
            if (of.status == object_status::pending) insert(of);
            if (of.status != object_status::persistent) continue;
            if (of.removal) {
                remove(of);
            } else if (model_.is_changed(of)) {
                update(of);
            }
        }
        check_what_stays();
        for (auto& [type, cells] : put_)
            if (!seen_.after.of(type).emplace(key_of_row(type, cells), cells).second) fails(outcome::unique);
        for (const auto& keys : renamed_)
            if (has_circle(keys)) fails(outcome::refused);
        check_constraints(seen_);
        return std::move(seen_);
    }

private:
    struct changed_row {
        kind type;
        row before;
        row after;
    };

    void fails(outcome how) { seen_.failures.insert(how); }

    void insert(const object& of) {
        auto wanted = model_.effective(of);
        if (const auto* const replaced = model_.replaced_by(of)) { // an UPDATE
            const auto* const found = model_.now.rows.find(of.type, replaced->key);
            if (found == nullptr || is_stale(of.type, replaced->base, wanted, *found)) {
                fails(outcome::stale);
            } else {
                keep_unchanged(replaced->base, *found, wanted);
                updated_.push_back({of.type, *found, wanted});
            }
        }
        put_.emplace_back(of.type, std::move(wanted));
        seen_.written.insert(of.number);
    }

    void remove(const object& of) {
        auto& table = seen_.after.of(of.type);
        const auto found = table.find(of.key);
        if (found == table.end() || (of.type == kind::person && found->second[3] != of.base[3])) fails(outcome::stale);
        table.erase(of.key);
        if (!taken_over_.contains(of.number)) vacated_[static_cast<std::size_t>(of.type)].insert(of.key);
    }

    void update(const object& of) {
        auto& table = seen_.after.of(of.type);
        auto wanted = model_.effective(of);
        const auto found = table.find(of.key);
        if (found == table.end() || is_stale(of.type, of.base, wanted, found->second)) fails(outcome::stale);
        if (found == table.end()) { // nobody knows which error comes first
            const auto columns = info_of(of.type).columns;
            for (std::size_t c = 0; c < columns.size(); ++c)
                if (!wanted[c] && !columns[c].nullable) fails(outcome::not_null);
            return;
        }
        keep_unchanged(of.base, found->second, wanted);
        updated_.push_back({of.type, found->second, wanted});
        table.erase(found);
        const auto key = key_of_row(of.type, wanted);
        if (key != of.key) {
            renamed_[static_cast<std::size_t>(of.type)][of.key] = key;
            vacated_[static_cast<std::size_t>(of.type)].insert(of.key);
        }
        put_.emplace_back(of.type, std::move(wanted));
        seen_.written.insert(of.number);
    }

    /// References that stay where they are: the row that they lead to has to stay too, though another gets its key.
    void check_what_stays() {
        for (std::size_t i = 0; i < kinds; ++i)
            for (const auto& [key, cells] : seen_.after.tables[i])
                check_what_stays(static_cast<kind>(i), cells, cells);
        for (const auto& one : updated_)
            check_what_stays(one.type, one.before, one.after);
    }
    void check_what_stays(kind type, const row& before, const row& after) {
        const auto columns = info_of(type).columns;
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (columns[c].role == role::reference && before[c] && before[c] == after[c] &&
                vacated_[static_cast<std::size_t>(columns[c].target)].contains(*before[c])) {
                fails(outcome::foreign_key);
            }
    }

    const model& model_;
    forecast seen_{};
    std::set<int> taken_over_{}; // removed objects whose rows others take over
    std::vector<std::pair<kind, row>> put_{};
    std::vector<changed_row> updated_{};
    std::array<std::map<std::string, std::string>, kinds> renamed_{};
    std::array<std::set<std::string>, kinds> vacated_{}; // keys whose rows are deleted, or get others
};

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
    return foreseeing(*this).run();
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
        if (of.removal || seen.written.count(number) != 0) of.flushed_at = ++clock_;
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
        of.own_key.clear();
        of.key = key_of_row(of.type, cells);
        rows.of(of.type)[of.key] = std::move(cells);
    }
    now.rows = std::move(rows);
    for (const auto number : seen.written) // somebody else had removed the row of the one that had the key
        for (auto& [other, of] : now.objects)
            if (other != number && of.type == at(number).type && of.status == object_status::persistent &&
                of.key == at(number).key) {
                detach(of);
                of.held = false;
                replaced[other] = number;
            }
    for (auto& [number, of] : now.objects)
        for (auto& member : of.now)
            if (const auto found = replaced.find(member.target); found != replaced.end() && of.lives())
                member.target = found->second;
}

} // namespace orm_model
