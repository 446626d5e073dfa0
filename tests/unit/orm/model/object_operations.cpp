// Adding, changing and removing objects.
#include "unit/orm/model/play.hpp"

#include <algorithm>

namespace orm_model {
namespace {

bool is_value(const column_info& column) {
    return column.role == role::value || column.role == role::number;
}

/// The members of a new object: values from `values`, references from `targets`, in their order. False when a target
/// that must be there is not.
bool fill(const model& in, object& made, std::span<const int> values, std::span<const int> targets) {
    std::size_t value = 0;
    std::size_t target = 0;
    const auto columns = info_of(made.type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        place member;
        if (is_value(columns[i])) {
            member.text = value_for(made.type, i, values[value++ % values.size()]);
        } else if (columns[i].role == role::version) {
            member.text = "0";
        } else if (columns[i].role == role::reference) {
            const auto wanted = target < targets.size() ? targets[target++] : 0;
            const auto found = in.now.objects.find(wanted);
            const bool there = found != in.now.objects.end() && found->second.held && found->second.lives() &&
                               found->second.type == columns[i].target;
            if (there) member.target = wanted;
            if (!there && !columns[i].nullable) return false;
        }
        made.now.push_back(member);
    }
    return true;
}

/// Puts what the model holds into members.
void write_members(const play& in, const object& from, void* to) {
    const auto columns = info_of(from.type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (is_value(columns[i])) columns[i].write(to, from.now[i].text);
        if (columns[i].role == role::reference && from.now[i].target != 0) {
            columns[i].relate(to, in.session.handles.at(from.now[i].target));
        }
    }
}

object pending(int number, kind type) {
    object made;
    made.number = number;
    made.type = type;
    made.status = object_status::pending;
    return made;
}

// add: number, class, value, value, target, target
bool choose_add(const play& in, generator& random, step& made) {
    const auto type = static_cast<kind>(below(random, kinds));
    made.on = {in.model.next_number(), static_cast<int>(type), below(random, 30), below(random, 30), 0, 0};
    std::size_t target = 4;
    for (const auto& column : info_of(type).columns)
        if (column.role == role::reference && (!column.nullable || random() % 2 == 0)) {
            made.on[target++] = any_living(in.model, random, column.target);
        } else if (column.role == role::reference) {
            ++target;
        }
    return true;
}
bool run_add(play& in, const step& done) {
    if (in.model.now.objects.count(done.on[0]) != 0) return false;
    auto made = pending(done.on[0], static_cast<kind>(done.on[1]));
    if (!fill(in.model, made, std::span(done.on).subspan(2, 2), std::span(done.on).subspan(4))) return false;
    in.session.add(made.number, made.type, [&](void* object) { write_members(in, made, object); });
    in.model.now.objects.emplace(made.number, made);
    return true;
}

// add_family: number of the parent, two-sided column, value, children
bool choose_add_family(const play& in, generator& random, step& made) {
    made.on = {in.model.next_number(),
               below(random, two_sided_columns().size()),
               below(random, 30),
               1 + below(random, 3),
               0,
               0};
    return two_sided_columns()[static_cast<std::size_t>(made.on[1])].column != 3; // a reviewer does not make a task
}
bool run_add_family(play& in, const step& done) {
    const auto [type, column] = two_sided_columns()[static_cast<std::size_t>(done.on[1])];
    const auto& link = info_of(type).columns[column];
    std::vector<object> made{pending(done.on[0], link.target)};
    const std::array<int, 2> values{done.on[2], done.on[2] + 7};
    if (!fill(in.model, made[0], values, {})) return false;
    for (int i = 1; i <= done.on[3]; ++i) {
        auto& child = made.emplace_back(pending(done.on[0] + i, type));
        const auto columns = info_of(type).columns;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            place member;
            if (is_value(columns[c])) member.text = value_for(type, c, done.on[2] + i);
            if (c == column) member.target = done.on[0];
            child.now.push_back(member);
        }
    }
    for (const auto& one : made)
        if (in.model.now.objects.count(one.number) != 0) return false;
    for (std::size_t i = 1; i < made.size(); ++i)
        in.session.handles[made[i].number] = in.session.make(type, [&](void* object) {
            for (std::size_t c = 0; c < made[i].now.size(); ++c)
                if (is_value(info_of(type).columns[c])) info_of(type).columns[c].write(object, made[i].now[c].text);
        });
    in.session.add(made[0].number, made[0].type, [&](void* object) {
        write_members(in, made[0], object);
        for (std::size_t i = 1; i < made.size(); ++i)
            link.add_item(object, in.session.handles.at(made[i].number));
    });
    for (const auto& one : made)
        in.model.now.objects.emplace(one.number, one);
    return true;
}

/// Whether rows or objects refer to it, so that its key is not to be changed.
bool is_referred_to(const model& in, const object& target) {
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto type = static_cast<kind>(i);
        const auto columns = info_of(type).columns;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (columns[c].role != role::reference || columns[c].target != target.type) continue;
            for (const auto& [number, candidate] : in.now.objects) {
                if (candidate.type != type) continue;
                const auto& member = candidate.now[c];
                if (member.target == target.number) return true;
                if (candidate.in_session() && !target.key.empty() && member.text == target.key) return true;
            }
            for (const auto& [key, cells] : in.now.rows.of(type))
                if (!target.key.empty() && cells[c] == target.key) return true;
        }
    }
    return false;
}

// set: object, column, value
bool choose_set(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random, [](const object& of) { return of.lives(); });
    if (made.on[0] == 0) return false;
    const auto columns = info_of(in.model.at(made.on[0]).type).columns;
    made.on[1] = below(random, columns.size());
    made.on[2] = below(random, 30);
    return is_value(columns[static_cast<std::size_t>(made.on[1])]);
}
bool run_set(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    const auto column = static_cast<std::size_t>(done.on[1]);
    if (of == nullptr || !of->lives() || column >= of->now.size()) return false;
    const auto& info = info_of(of->type).columns[column];
    if (!is_value(info)) return false;
    if (info.in_key && of->type == kind::order && is_referred_to(in.model, *of)) return false;
    auto* const members = in.write(*of);
    of->now[column] = place{value_for(of->type, column, done.on[2]), 0};
    info.write(members, of->now[column].text);
    return true;
}

/// What refers to the object, by rows or in memory, and would be in the way of its removal. False when one of them
/// is no object of the session.
bool find_dependents(const model& in, const object& target, std::vector<std::pair<int, std::size_t>>& found) {
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto type = static_cast<kind>(i);
        const auto columns = info_of(type).columns;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (columns[c].role != role::reference || columns[c].target != target.type) continue;
            for (const auto number : in.referring(type, c, target)) {
                if (!in.at(number).held || in.at(number).by_member) return false;
                found.emplace_back(number, c);
            }
            for (const auto& [key, cells] : in.now.rows.of(type))
                if (!target.key.empty() && cells[c] == target.key && in.object_of(type, key) == nullptr) return false;
        }
    }
    return true;
}

// remove: object, 1: with all that hangs on it, 2: backwards, 4: references are cleared where they can be
bool choose_remove(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random, [](const object& of) { return of.lives(); });
    made.on[1] = below(random, 8);
    return made.on[0] != 0;
}
bool run_remove(play& in, const step& done) {
    const auto* const first = in.model.held(done.on[0]);
    if (first == nullptr || !first->lives()) return false;
    std::vector<int> going{first->number};
    std::vector<std::pair<int, std::size_t>> cleared;
    for (std::size_t i = 0; i < going.size(); ++i) {
        std::vector<std::pair<int, std::size_t>> dependents;
        if (!find_dependents(in.model, in.model.at(going[i]), dependents)) return false;
        for (const auto& [number, column] : dependents) {
            const bool nullable = info_of(in.model.at(number).type).columns[column].nullable;
            const bool goes = !nullable || (done.on[1] & 1) != 0;
            if (goes && std::find(going.begin(), going.end(), number) == going.end()) going.push_back(number);
            if (nullable && (!goes || (done.on[1] & 4) != 0)) cleared.emplace_back(number, column);
        }
    }
    for (const auto& [number, column] : cleared) {
        auto& of = in.model.at(number);
        info_of(of.type).columns[column].relate(in.write(of), {});
        of.now[column] = place{};
    }
    if ((done.on[1] & 2) != 0) std::reverse(going.begin(), going.end());
    for (const auto number : going) {
        auto& of = in.model.at(number);
        in.session.remove(number, of.type);
        if (of.status == object_status::pending) {
            in.model.make_transient(of);
        } else {
            of.removal = true;
        }
    }
    return true;
}

/// Transient objects that refer to each other, from one of them. False when one refers to what cannot come along.
bool find_group(model& in, int from, std::vector<int>& group, std::vector<std::pair<int, std::size_t>>& cleared) {
    group.push_back(from);
    for (std::size_t i = 0; i < group.size(); ++i) {
        for (const auto& [number, other] : in.now.objects) {
            if (other.status != object_status::transient || std::count(group.begin(), group.end(), number) != 0)
                continue;
            const auto refers = [](const object& one, int to) {
                return std::any_of(one.now.begin(), one.now.end(), [to](const place& at) { return at.target == to; });
            };
            if (refers(other, group[i]) || refers(in.at(group[i]), number)) group.push_back(number);
        }
    }
    for (const auto number : group) {
        const auto& of = in.at(number);
        if (!of.held) return false;
        const auto columns = info_of(of.type).columns;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (columns[c].role != role::reference) continue;
            const auto& member = of.now[c];
            if (member.target == 0 && !member.text && columns[c].nullable) continue;
            const bool comes = member.target != 0 && std::count(group.begin(), group.end(), member.target) != 0;
            if (comes || (member.target != 0 && in.at(member.target).held && in.at(member.target).lives())) continue;
            if (!columns[c].nullable) return false;
            cleared.emplace_back(number, c);
        }
    }
    return true;
}

// add_again: object that was removed, or has become transient by a rollback or removal
bool choose_add_again(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random,
                            [](const object& of) { return of.removal || of.status == object_status::transient; });
    return made.on[0] != 0;
}
bool run_add_again(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    if (of == nullptr) return false;
    if (of->removal) {
        of->removal = false;
        in.session.add(of->number, of->type);
        return true;
    }
    if (of->status != object_status::transient) return false;
    std::vector<int> group;
    std::vector<std::pair<int, std::size_t>> cleared;
    if (!find_group(in.model, of->number, group, cleared)) return false;
    for (const auto& [number, column] : cleared)
        in.model.at(number).now[column] = place{};
    for (const auto number : group) { // whatever a rollback has left of its references
        auto& member = in.model.at(number);
        const auto columns = info_of(member.type).columns;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (columns[c].role != role::reference) continue;
            const auto target = member.now[c].target;
            columns[c].relate(in.write(member),
                              target == 0 ? wharf::orm::entity_base() : in.session.handles.at(target));
        }
    }
    for (const auto number : group) {
        auto& member = in.model.at(number);
        in.session.add(number, member.type);
        if (member.expunged) in.model.note_coming(member);
        member.status = object_status::pending;
        member.expunged = false;
    }
    return true;
}

/// Its row was deleted, in this transaction or an earlier one, and all that it refers to is there.
bool may_be_inserted_again(const play& in, const object& of) {
    const bool is_gone = of.status == object_status::detached && of.was_deleted;
    if (of.status != object_status::deleted && !is_gone) return false;
    return std::all_of(of.now.begin(), of.now.end(),
                       [&](const place& member) { return member.target == 0 || in.model.at(member.target).lives(); });
}

// add_deleted: object
bool choose_add_deleted(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random, [&](const object& of) { return may_be_inserted_again(in, of); });
    return made.on[0] != 0;
}
bool run_add_deleted(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    if (of == nullptr || !may_be_inserted_again(in, *of)) return false;
    in.session.add(of->number, of->type);
    if (of->status == object_status::detached) in.model.note_coming(*of);
    of->status = object_status::pending;
    of->expunged = false;
    if (info_of(of->type).generated && !of->key.empty()) of->own_key = of->key;
    of->key.clear();
    of->base.clear();
    of->was_deleted = of->expired = of->must_renew = of->by_member = false;
    return true;
}

} // namespace

std::vector<operation> object_operations() {
    return {{"add", "core", 14, false, &choose_add, &run_add},
            {"add_family", "core", 6, false, &choose_add_family, &run_add_family},
            {"set", "core", 20, false, &choose_set, &run_set},
            {"remove", "core", 6, false, &choose_remove, &run_remove},
            {"add_deleted", "add_deleted", 3, false, &choose_add_deleted, &run_add_deleted},
            {"add_again", "add_again", 4, false, &choose_add_again, &run_add_again}};
}

} // namespace orm_model
