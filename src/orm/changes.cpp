#include "orm/changes.hpp"

#include "orm/mirror.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <string>

namespace wharf::orm {
namespace {

bool left_to_database(const column_descriptor& column, object_state& object) {
    if (column.type == nullptr) return false;
    if (column.type->is_unset != nullptr) return column.type->is_unset(column.at(object.object()));
    return column.generated && column.type->is_default(column.at(object.object()));
}

void refuse_lost_reference(const object_state& object, const relation_descriptor* relation) {
    if (relation == nullptr) return;
    const auto& type = *object.type;
    throw usage_error("row " + describe_key(type, object.key) + " of table " + std::string(type.table) +
                      " has lost its reference " + std::string(relation->name) +
                      " (it was cleared, or the row was taken out of a collection), but column " +
                      std::string(type.columns[relation->columns.front()].name) +
                      " may not be NULL: refer to another row, or remove() this one too");
}

void refuse_lost_key(object_state& object, const column_set& changed) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.key_size; ++i) {
        if (!changed.test(i) || !type.columns[i].generated) continue;
        if (!type.columns[i].type->is_default(type.columns[i].at(object.object()))) continue;
        throw usage_error("the generated key " + std::string(type.table) + "." + std::string(type.columns[i].name) +
                          " of row " + describe_key(type, object.key) +
                          " was reset; a row keeps its key. (Was another value assigned over the whole object?)");
    }
}

void refuse_unset(object_state& object, const column_set& changed, const row_comparison& compared) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto& column = type.columns[i];
        if (!changed.test(i) || compared.refers(i) || !left_to_database(column, object)) continue;
        throw usage_error("column " + std::string(type.table) + "." + std::string(column.name) + " of row " +
                          describe_key(type, object.key) +
                          " was made unset; only an INSERT leaves a column to its default. Give it a value, or NULL. "
                          "(Was another value assigned over the whole object?)");
    }
}

/// With the version that the object's member holds: where the caller has written it, that is the one to be expected.
encoded_row with_version(object_state& object, const encoded_row& row) {
    const auto& type = *object.type;
    if (type.version_column < 0) return row;
    const auto column = static_cast<std::size_t>(type.version_column);
    parameters held;
    encode_column(object, column, held);
    std::vector<std::string_view> columns;
    split_row(row, type.columns.size(), columns);
    if (columns[column] == held.encoded(0)) return row;
    columns[column] = held.encoded(0);
    encoded_row changed;
    for (const auto each : columns)
        changed += each;
    return changed;
}

/// What the database holds for an object that is removed.
encoded_row row_of(object_state& removed) {
    return removed.watch != nullptr ? with_version(removed, removed.watch->baseline) : encode_object(removed);
}

/// Whether an UPDATE can say all that the INSERT says. Not where the database is to fill something in.
bool gives_all(const planned_insert& insert) {
    for (std::size_t i = 0; i < insert.type->columns.size(); ++i)
        if (!insert.given.test(i)) return false;
    return true;
}

} // namespace

change_finder::change_finder(const unwritten& objects, prepared_objects& prepared)
    : objects_(objects), prepared_(prepared) {
    plan_.inserts.resize(objects.added.size());
    for (std::size_t i = 0; i < objects.added.size(); ++i)
        objects.added[i].state()->group_index = static_cast<std::uint32_t>(i);
}

bool change_finder::look(std::size_t most) {
    const auto all = objects_.added.size() + objects_.watched.size() + objects_.removed.size();
    for (const auto end = next_ + std::min(most, all - next_); next_ < end; ++next_)
        look_at(next_);
    return next_ < all;
}

void change_finder::look_at(std::size_t number) {
    if (number < objects_.added.size()) {
        insert(*objects_.added[number].state());
        if (number + 1 == objects_.added.size()) end_inserts();
        return;
    }
    number -= objects_.added.size();
    if (number < objects_.watched.size()) {
        if (!objects_.watched[number]->removal) update(*objects_.watched[number]);
        return;
    }
    remove(*objects_.removed[number - objects_.watched.size()].state());
}

/// Lets the mapping fill in what follows from the other members, once for each write. Whether it was called.
bool change_finder::prepare(object_state& object, bool inserted) {
    const auto hook = object.type->before_write;
    if (hook == nullptr || !prepared_.insert(&object).second) return false;
    hook(object.object(), inserted);
    return true;
}

void change_finder::insert(object_state& object) {
    const auto& type = *object.type;
    planned_insert made;
    made.type = &type;
    made.object = &object;
    prepare(object, true);
    buffers_.encode_new(object, made.deferred);
    made.row = encoded_row(buffers_.row());
    made.held = buffers_.held(object);
    for (std::size_t i = 0; i < type.columns.size(); ++i)
        if (buffers_.refers(i) || !left_to_database(type.columns[i], object)) made.given.set(i);
    made.key_filled = !key_held(object).is_set();
    for (const auto& late : made.deferred)
        plan_.inserts[late.target].wanted = true;
    auto& planned = plan_.inserts[object.group_index];
    made.wanted = planned.wanted;
    planned = std::move(made);
}

void change_finder::end_inserts() {
    compose_keys(plan_);
    if (objects_.removed.empty()) return;
    for (std::size_t i = 0; i < plan_.inserts.size(); ++i)
        if (plan_.inserts[i].key.is_set()) inserted_.try_emplace({plan_.inserts[i].type, plan_.inserts[i].key}, i);
}

void change_finder::update(object_state& object) {
    planned_update update{object.type, &object};
    update.changed = buffers_.compare(object, update.deferred);
    if (update.changed.none()) return;
    if (prepare(object, false)) {
        update.deferred.clear();
        update.changed = buffers_.compare(object, update.deferred);
        if (update.changed.none()) return;
    }
    refuse_lost_key(object, update.changed);
    refuse_unset(object, update.changed, buffers_);
    refuse_lost_reference(object, buffers_.lost_reference());
    for (const auto& late : update.deferred)
        plan_.inserts[late.target].wanted = true;
    update.key = object.key;
    update.before = with_version(object, object.watch->baseline);
    update.row = encoded_row(buffers_.row());
    update.held = buffers_.held(object);
    plan_.updates.push_back(std::move(update));
}

void change_finder::remove(object_state& object) {
    if (!switch_rows(object)) plan_.deletes.push_back({object.type, &object, object.key, row_of(object)});
}

/// Rows that are deleted, or get another key.
void change_finder::note_leaving() {
    leaving_.emplace();
    for (const auto& object : objects_.removed) {
        const row_name name{object.state()->type, object.state()->key};
        const auto found = inserted_.find(name);
        if (found == inserted_.end() || !gives_all(plan_.inserts[found->second])) leaving_->insert(name);
    }
    for (const auto& update : plan_.updates)
        if (update.replaces == nullptr && changes_key(update)) leaving_->insert({update.type, update.key});
}

/// Whether the row, as it is updated, would go on to refer to a row that leaves, though another takes its key.
bool change_finder::keeps_what_leaves(const planned_update& update) {
    const auto& type = *update.type;
    std::vector<std::string_view> before;
    split_row(update.before, type.columns.size(), before);
    for (const auto& relation : type.relations) {
        const auto* const target = known_target_of(relation);
        if (relation.kind != relation_kind::belongs_to || target == nullptr) continue;
        if (std::ranges::any_of(relation.columns, [&](std::size_t column) { return update.changed.test(column); }))
            continue;
        if (!leaving_) note_leaving();
        if (leaving_->contains({target, reference_key_in(type, relation, before)})) return true;
    }
    return false;
}

/// Whether an object that is added stands for the row of one that is removed; that is an UPDATE.
bool change_finder::switch_rows(object_state& removed) {
    const auto found = inserted_.find({removed.type, removed.key});
    if (found == inserted_.end()) return false;
    auto& insert = plan_.inserts[found->second];
    const auto& type = *removed.type;
    if (!gives_all(insert)) return false;
    planned_update update{&type, insert.object, &removed};
    update.key = removed.key;
    update.before = row_of(removed);
    update.row = insert.row;
    update.deferred = insert.deferred;
    encoded_columns before(update.before);
    encoded_columns now(update.row);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const bool differs = before.next() != now.next();
        if (differs && i >= type.key_size && !type.columns[i].version) update.changed.set(i);
    }
    for (const auto& late : insert.deferred)
        if (late.column >= type.key_size) update.changed.set(late.column);
    if (keeps_what_leaves(update)) return false;
    insert.switched = true;
    plan_.updates.push_back(std::move(update));
    return true;
}

bool changes_key(const planned_update& update) noexcept {
    for (std::size_t i = 0; i < update.type->key_size; ++i)
        if (update.changed.test(i)) return true;
    return false;
}

flush_plan find_changes(const unwritten& objects) {
    prepared_objects prepared;
    change_finder finder(objects, prepared);
    static_cast<void>(finder.look(~std::size_t{0}));
    return finder.plan();
}

} // namespace wharf::orm
