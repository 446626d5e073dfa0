// Changing what objects refer to, from either side.
#include "unit/orm/model/play.hpp"

#include <algorithm>

namespace orm_model {
namespace {

/// An object whose reference in this column may be changed; null when there is none.
object* movable(play& in, int number, std::size_t column) {
    auto* const of = in.model.held(number);
    if (of == nullptr || !of->lives() || of->by_member || column >= of->now.size()) return nullptr;
    return info_of(of->type).columns[column].role == role::reference ? of : nullptr;
}

const object* target_for(const play& in, const object& of, std::size_t column, int number) {
    const auto found = in.model.now.objects.find(number);
    if (found == in.model.now.objects.end()) return nullptr;
    const auto& target = found->second;
    return target.held && target.lives() && target.type == info_of(of.type).columns[column].target ? &target : nullptr;
}

bool choose_relation(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random, [](const object& of) { return of.lives() && !of.by_member; });
    if (made.on[0] == 0) return false;
    const auto columns = info_of(in.model.at(made.on[0]).type).columns;
    made.on[1] = below(random, columns.size());
    const auto& column = columns[static_cast<std::size_t>(made.on[1])];
    if (column.role != role::reference) return false;
    made.on[2] = column.nullable && random() % 4 == 0 ? 0 : any_living(in.model, random, column.target);
    return made.on[2] != 0 || column.nullable;
}

// relate: object, column, target or 0
bool run_relate(play& in, const step& done) {
    const auto column = static_cast<std::size_t>(done.on[1]);
    auto* const of = movable(in, done.on[0], column);
    if (of == nullptr) return false;
    const auto* const target = target_for(in, *of, column, done.on[2]);
    const auto& info = info_of(of->type).columns[column];
    if (target == nullptr && (done.on[2] != 0 || !info.nullable)) return false;
    const auto handle = target == nullptr ? wharf::orm::entity_base() : in.session.handles.at(target->number);
    info.relate(in.write(*of), handle);
    of->now[column] = place{{}, target == nullptr ? 0 : target->number};
    return true;
}

// relate_by_key: the same, with a target that has a key
bool run_relate_by_key(play& in, const step& done) {
    const auto column = static_cast<std::size_t>(done.on[1]);
    auto* const of = movable(in, done.on[0], column);
    const auto* const target = of == nullptr ? nullptr : target_for(in, *of, column, done.on[2]);
    if (target == nullptr || target->status != object_status::persistent) return false;
    if (key_of_row(target->type, in.model.effective(*target)) != target->key) return false; // which key is meant?
    info_of(of->type).columns[column].set_key(in.write(*of), target->key);
    of->now[column] = place{{}, target->number};
    return true;
}

// relate_by_member: the same, by the member that is the foreign key
bool run_relate_by_member(play& in, const step& done) {
    const auto column = static_cast<std::size_t>(done.on[1]);
    auto* const of = movable(in, done.on[0], column);
    if (of == nullptr || of->status != object_status::persistent) return false;
    const auto& info = info_of(of->type).columns[column];
    const auto* const target = target_for(in, *of, column, done.on[2]);
    if (!info.has_member || target == nullptr || target->status != object_status::persistent) return false;
    if (key_of_row(target->type, in.model.effective(*target)) != target->key) return false;
    if (in.model.effective(*of)[column] != of->base[column]) return false; // two changes would be one too many
    info.write(in.write(*of), target->key);
    of->now[column] = place{{}, target->number};
    of->by_member = true;
    return true;
}

/// The object was put into a collection, of `target`, or taken out (null): writing access, if that changes anything.
void move(play& in, object& of, std::size_t column, const object* target) {
    const auto key = target == nullptr ? cell() : cell(in.model.key_text(*target));
    in.settle(of, in.model.effective(of)[column] != key, column);
    of.now[column] = place{{}, target == nullptr ? 0 : target->number};
}

// put_in: object, column, target: into the target's collection
bool run_put_in(play& in, const step& done) {
    const auto column = static_cast<std::size_t>(done.on[1]);
    auto* const of = movable(in, done.on[0], column);
    const auto* const target = of == nullptr ? nullptr : target_for(in, *of, column, done.on[2]);
    if (target == nullptr) return false;
    const auto& info = info_of(of->type).columns[column];
    if (info.add_item == nullptr) return false;
    in.model.touch(*of);
    info.add_item(in.write(in.model.at(target->number)), in.session.handles.at(of->number));
    move(in, *of, column, target);
    return true;
}

// take_out: object, column: out of the collection that it is in
bool choose_take_out(const play& in, generator& random, step& made) {
    if (!choose_relation(in, random, made)) return false;
    made.on[2] = 0;
    const auto& of = in.model.at(made.on[0]);
    const auto column = static_cast<std::size_t>(made.on[1]);
    return of.now[column].target != 0 && (info_of(of.type).columns[column].nullable || random() % 4 == 0);
}
bool run_take_out(play& in, const step& done) {
    const auto column = static_cast<std::size_t>(done.on[1]);
    auto* const of = movable(in, done.on[0], column);
    if (of == nullptr || info_of(of->type).columns[column].remove_item == nullptr) return false;
    const auto* const target = target_for(in, *of, column, of->now[column].target);
    if (target == nullptr) return false;
    in.model.touch(*of);
    info_of(of->type).columns[column].remove_item(in.write(in.model.at(target->number)),
                                                  in.session.handles.at(of->number));
    move(in, *of, column, nullptr);
    return true;
}

// replace: target, two-sided column, which of the objects that could be in the collection (0: none)
bool choose_replace(const play& in, generator& random, step& made) {
    made.on[1] = below(random, two_sided_columns().size());
    const auto [type, column] = two_sided_columns()[static_cast<std::size_t>(made.on[1])];
    made.on[0] = any_living(in.model, random, info_of(type).columns[column].target);
    made.on[2] = random() % 3 == 0 ? 0 : below(random, 1024);
    return made.on[0] != 0 && (info_of(type).columns[column].nullable || random() % 4 == 0);
}
bool run_replace(play& in, const step& done) {
    const auto [type, column] = two_sided_columns()[static_cast<std::size_t>(done.on[1])];
    const auto& info = info_of(type).columns[column];
    auto* const owner = in.model.held(done.on[0]);
    if (owner == nullptr || !owner->lives() || owner->type != info.target) return false;
    for (const auto& [number, of] : in.model.now.objects)
        if (of.type == type && of.in_session() && (of.by_member || of.removal)) return false;
    const auto* const read = in.write(*owner); // which may read it again, and its collections with it
    std::vector<wharf::orm::entity_base> items;
    const bool loaded =
        in.flush_perhaps("looking at a collection", [&] { items = info.items(const_cast<void*>(read)).items(); });
    if (!loaded) return false;
    std::set<int> found;
    for (const auto& item : items)
        found.insert(in.number_of(type, item));

    std::vector<int> wanted;
    int candidate = 0;
    for (const auto& [number, of] : in.model.now.objects) {
        if (of.type != type || !of.lives() || !of.held) continue;
        if ((done.on[2] >> (candidate++ % 10) & 1) != 0) wanted.push_back(number);
    }
    std::vector<wharf::orm::entity_base> handles;
    for (const auto number : wanted)
        handles.push_back(in.session.handles.at(number));
    for (const auto number : wanted)
        in.model.touch(in.model.at(number));
    for (const auto number : in.model.referring(type, column, *owner))
        in.model.touch(in.model.at(number));
    auto before = in.model.referring(type, column, *owner);
    std::erase_if(before, [&](int number) { // a row that somebody else has deleted is not found
        return !in.model.at(number).held && !found.contains(number);
    });
    std::string said;
    const auto how = in.attempt([&] { info.replace_items(in.write(*owner), handles); }, said);
    const bool is_gone = std::any_of(found.begin(), found.end(), [&](int number) { return !in.model.at(number).held; });
    if (how != outcome::done && is_gone) return false; // its row could not be read again
    if (how != outcome::done) throw difference("replace fails: " + said);
    for (const auto number : before)
        if (std::find(wanted.begin(), wanted.end(), number) == wanted.end())
            move(in, in.model.at(number), column, nullptr);
    for (const auto number : wanted)
        move(in, in.model.at(number), column, owner);
    return true;
}

} // namespace

std::vector<operation> relation_operations() {
    return {{"relate", "core", 10, false, &choose_relation, &run_relate},
            {"relate_by_key", "relate_by_key", 5, false, &choose_relation, &run_relate_by_key},
            {"relate_by_member", "relate_by_member", 5, false, &choose_relation, &run_relate_by_member},
            {"put_in", "core", 6, false, &choose_relation, &run_put_in},
            {"take_out", "core", 4, false, &choose_take_out, &run_take_out},
            {"replace", "replace", 4, false, &choose_replace, &run_replace}};
}

} // namespace orm_model
