// Telling objects that their rows were written: keys, columns that the database filled in, both sides of a foreign key,
// versions, states, baselines. Nothing of this happens before the whole flush has succeeded.
#include "orm/flush_plan.hpp"
#include "orm/mirror.hpp"
#include "orm/step_statement.hpp"
#include "wharf/row/bytes.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

bool fills_more_than_the_key(const planned_insert& insert) {
    const auto& type = *insert.object->type;
    for (std::size_t i = type.key_size; i < type.columns.size(); ++i)
        if (!insert.given.test(i)) return true;
    return std::any_of(type.relations.begin(), type.relations.end(), [&](const relation_descriptor& relation) {
        return relation.kind == relation_kind::belongs_to && has_member(type, relation);
    });
}

void read_returned(const planned_insert& insert) {
    auto& object = *insert.object;
    const auto& type = *object.type;
    auto row = (*insert.returned)[insert.returned_row];
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        if (insert.given.test(i)) continue;
        const auto cell = row.next();
        if (type.columns[i].type != nullptr) type.columns[i].type->decode(cell, type.columns[i].at(object.object()));
    }
}

/// The relation member and the key member of a foreign key say the same again.
void align_references(object_state& object, std::span<const std::string_view> baseline) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        const auto& relation = type.relations[i];
        if (relation.kind != relation_kind::belongs_to || !has_member(type, relation)) continue;
        auto& reference = reference_at(object, i);
        auto by_member = key_in_members(object, relation);
        const auto& by_relation = reference.foreign_key();
        if (by_member == by_relation) continue;
        const auto before = baseline.empty() ? key_value() : reference_key_in(type, relation, baseline);
        if (by_relation == before) {
            reference.change({}, std::move(by_member));
            continue;
        }
        for (std::size_t part = 0; part < relation.columns.size(); ++part) {
            parameters value;
            const auto& column = type.columns[relation.columns[part]];
            add_key_part(by_relation, part, relation.columns.size(), column.wire, value);
            column.type->decode(value[0], column.at(object.object()));
        }
    }
}

void raise_version(object_state& object) {
    const auto& type = *object.type;
    if (type.version_column < 0) return;
    const auto& column = type.columns[static_cast<std::size_t>(type.version_column)];
    const auto before = expected_version(object);
    const auto bytes = std::string_view(before).substr(sizeof(std::int32_t));
    std::int64_t version = bytes.size() == 8   ? load<std::int64_t>(bytes.data())
                           : bytes.size() == 4 ? load<std::int32_t>(bytes.data())
                                               : load<std::int16_t>(bytes.data());
    ++version;
    std::string raised;
    append(raised, version);
    cell_view cell;
    cell.type = type_oid::int8;
    cell.null = false;
    cell.bytes = raised;
    column.type->decode(cell, column.at(object.object()));
}

/// A row that was taken over keeps its count.
void take_version(object_state& object, object_state& replaced) {
    if (object.type->version_column < 0) return;
    raise_version(replaced);
    parameters held;
    const auto column = static_cast<std::size_t>(object.type->version_column);
    encode_column(replaced, column, held);
    restore_column(object, column, held.encoded(0));
}

void apply_insert(session_parts& parts, planned_insert& insert) {
    auto& object = *insert.object;
    transaction_level::inserted_object record{entity_base::share(&object), insert.key_filled, {}};
    if (fills_more_than_the_key(insert)) record.members = encode_object(object);
    parts.level().inserted.push_back(std::move(record));
    if (insert.returned != nullptr) read_returned(insert);
    object.key = std::move(insert.key);
    if (insert.key_filled) write_key(object);
}

void become_persistent(session_parts& parts, object_state& object) {
    object.status = object_status::persistent;
    object.group_index = 0;
    parts.map.insert(object);
    // What was referred to before stays linked; its collections hold all that there is.
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::has_many) collection_at(object, i).set_loaded(true);
    if (!object.touched) return;
    object.touched = false;
    object.traps |= object_state::trap_write;
    start_watching(parts, object);
}

void apply_delete(session_parts& parts, object_state& object) {
    parts.level().deleted.push_back(entity_base::share(&object));
    delist(parts, object);
    parts.map.erase(object);
    object.status = object_status::deleted;
    object.removal = false;
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::belongs_to) unlink(reference_at(object, i));
}

void apply_update(session_parts& parts, const planned_update& update, std::vector<object_state*>& renamed) {
    auto& object = *update.object;
    if (update.follows_insert) {
        if (object.type->version_column < 0) return;
        raise_version(object); // nobody watches it yet
        if (object.watch != nullptr) object.watch->baseline = encode_object(object);
        return;
    }
    std::vector<std::string_view> before;
    const auto baseline = object.watch->baseline;
    split_row(baseline, object.type->columns.size(), before);
    align_references(object, before);
    raise_version(object);
    renew_baseline(parts, object, encode_object(object));
    const auto key = key_held(object);
    if (key == object.key) return;
    parts.map.erase(object);
    object.key = key;
    renamed.push_back(&object);
}

} // namespace

void apply_plan(session_parts& parts, flush_plan& plan) {
    // Removed objects leave before others take their keys. Handles in `deleted` keep them.
    for (const auto& update : plan.updates)
        if (update.replaces != nullptr) apply_delete(parts, *update.replaces);
    for (auto* const object : plan.deletes)
        apply_delete(parts, *object);
    parts.removed.clear();

    for (auto& insert : plan.inserts)
        apply_insert(parts, insert);
    for (auto& insert : plan.inserts)
        align_references(*insert.object, {});
    for (const auto& update : plan.updates)
        if (update.replaces != nullptr && update.changed.any()) take_version(*update.object, *update.replaces);
    const auto added = std::exchange(parts.added, {});
    for (const auto& object : added)
        become_persistent(parts, *object.state());

    std::vector<object_state*> renamed;
    std::vector<entity_base> kept;
    for (const auto& update : plan.updates) {
        if (update.replaces != nullptr) continue;
        kept.push_back(entity_base::share(update.object));
        apply_update(parts, update, renamed);
    }
    for (auto* const object : renamed)
        parts.map.insert(*object);
}

} // namespace wharf::orm
