// Finding what a flush has to write.
#include "orm/flush_plan.hpp"
#include "orm/mirror.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <unordered_set>

namespace wharf::orm {
namespace {

/// What a reference is going to hold: a known key, or that of an object which is inserted by the same flush.
struct reference_value {
    key_value key{};
    object_state* pending{nullptr};
};

std::string label(const class_descriptor& type, const relation_descriptor& relation) {
    return std::string(type.table) + "." + std::string(relation.name);
}

reference_value value_of(const reference_base& reference) {
    auto* const target = reference.target().state();
    if (target == nullptr || target->status != object_status::pending) return {reference.foreign_key(), nullptr};
    auto key = key_held(*target);
    return key.is_set() ? reference_value{std::move(key), nullptr} : reference_value{{}, target};
}

/// The relation member or the key member, whichever was changed.
reference_value effective_value(object_state& object, std::size_t index, const key_value* baseline) {
    const auto& type = *object.type;
    const auto& relation = type.relations[index];
    auto by_relation = value_of(reference_at(object, index));
    if (!has_member(type, relation)) return by_relation;
    auto by_member = key_in_members(object, relation);
    const key_value unset;
    const auto& before = baseline == nullptr ? unset : *baseline;
    const bool relation_changed = by_relation.pending != nullptr || !(by_relation.key == before);
    const bool member_changed = !(by_member == before);
    if (!member_changed) return by_relation;
    if (!relation_changed) return {std::move(by_member), nullptr};
    if (by_relation.pending != nullptr || !(by_relation.key == by_member)) {
        throw usage_error("relation " + label(type, relation) +
                          " and the member that holds its key were both changed, to different rows; change one");
    }
    return by_relation;
}

std::size_t place_of(const relation_descriptor& relation, std::size_t column) noexcept {
    const auto found = std::find(relation.columns.begin(), relation.columns.end(), column);
    return static_cast<std::size_t>(found - relation.columns.begin());
}

/// Encodes all columns with what their references are going to hold.
void encode_effective(object_state& object, std::span<const reference_value> references, parameters& out,
                      std::vector<deferred_column>& deferred) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto& column = type.columns[i];
        if (column.relation < 0) {
            encode_column(object, i, out);
            continue;
        }
        const auto relation = static_cast<std::size_t>(column.relation);
        const auto& description = type.relations[relation];
        const auto& value = references[relation];
        const auto part = place_of(description, i);
        if (value.pending != nullptr) {
            out.add_null(column.wire);
            deferred.push_back({i, value.pending->group_index, part, relation});
        } else if (!value.key.is_set() && column.type != nullptr) {
            encode_column(object, i, out);
        } else {
            add_key_part(value.key, part, description.columns.size(), column.wire, out);
        }
    }
}

void references_of(object_state& object, std::span<const std::string_view> baseline,
                   std::vector<reference_value>& out) {
    const auto& relations = object.type->relations;
    out.resize(relations.size());
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind != relation_kind::belongs_to) continue;
        if (baseline.empty()) {
            out[i] = effective_value(object, i, nullptr);
        } else {
            const auto before = reference_key_in(*object.type, relations[i], baseline);
            out[i] = effective_value(object, i, &before);
        }
    }
}

bool left_to_database(const column_descriptor& column, object_state& object) {
    if (column.type == nullptr || (!column.generated && column.server_default.empty())) return false;
    return column.type->is_default(column.at(object.object()));
}

/// Buffers that are used again for each object.
class comparison {
public:
    void insert(flush_plan& plan, object_state& object) {
        const auto& type = *object.type;
        planned_insert made;
        made.object = &object;
        references_of(object, {}, references_);
        scratch_.clear();
        encode_effective(object, references_, scratch_, made.deferred);
        made.row = encoded_row(scratch_.encoded());
        for (std::size_t i = 0; i < type.columns.size(); ++i)
            if (!left_to_database(type.columns[i], object)) made.given.set(i);
        made.key_filled = !key_held(object).is_set();
        for (const auto& deferred : made.deferred)
            plan.inserts[deferred.target].wanted = true;
        auto& planned = plan.inserts[object.group_index];
        made.wanted = planned.wanted;
        planned = std::move(made);
    }

    /// The changed columns of a watched object.
    column_set compare(object_state& object, std::vector<deferred_column>& deferred) {
        const auto& type = *object.type;
        split_row(object.watch->baseline, type.columns.size(), before_);
        references_of(object, before_, references_);
        scratch_.clear();
        encode_effective(object, references_, scratch_, deferred);
        column_set changed;
        encoded_columns now(scratch_.encoded());
        for (std::size_t i = 0; i < type.columns.size(); ++i)
            if (now.next() != before_[i] && !type.columns[i].version) changed.set(i);
        for (const auto& late : deferred)
            changed.set(late.column);
        return changed;
    }

    [[nodiscard]] std::string_view row() const noexcept { return scratch_.encoded(); }

private:
    parameters scratch_{};
    std::vector<reference_value> references_{};
    std::vector<std::string_view> before_{};
};

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

void take_in_strays(session_core& session, object_state& object) {
    for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
        if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
        auto* const target = reference_at(object, i).target().state();
        if (target != nullptr && target->session == nullptr) session.add(*target);
    }
}

/// Whether an object that is added stands for the row of one that is removed; that is an UPDATE.
bool switch_rows(flush_plan& plan, object_state& removed) {
    const auto found = std::find_if(plan.inserts.begin(), plan.inserts.end(), [&](const planned_insert& insert) {
        return insert.object->type == removed.type && !insert.switched && insert.key == removed.key;
    });
    if (found == plan.inserts.end()) return false;
    const auto& type = *removed.type;
    const auto row = removed.watch != nullptr ? removed.watch->baseline : encode_object(removed);
    encoded_columns before(row);
    encoded_columns now(found->row);
    planned_update update{found->object, found->row, {}, found->deferred, false, &removed};
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const bool differs = before.next() != now.next();
        if (differs && i >= type.key_size && !type.columns[i].version && found->given.test(i)) update.changed.set(i);
    }
    for (const auto& late : found->deferred)
        update.changed.set(late.column);
    found->switched = true;
    plan.updates.push_back(std::move(update));
    return true;
}

bool is_integer(type_oid type) noexcept {
    return type == type_oid::int2 || type == type_oid::int4 || type == type_oid::int8;
}

} // namespace

bool has_member(const class_descriptor& type, const relation_descriptor& relation) noexcept {
    return type.columns[relation.columns.front()].type != nullptr;
}

key_value key_in_members(object_state& object, const relation_descriptor& relation) {
    const auto& type = *object.type;
    bool all_default = true;
    key_builder built(relation.columns.size());
    parameters encoded;
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
        const auto& column = type.columns[relation.columns[i]];
        all_default = all_default && column.type->is_default(column.at(object.object()));
        encode_column(object, relation.columns[i], encoded);
        built.add(encoded[i]);
    }
    if (all_default && object.status == object_status::pending) return {};
    return built.finish();
}

flush_plan find_changes(session_core& session, session_parts& parts) {
    for (std::size_t i = 0; i < parts.added.size(); ++i) // grows on the way
        take_in_strays(session, *parts.added[i].state());
    for (std::size_t i = 0; i < parts.watched.size(); ++i)
        take_in_strays(session, *parts.watched[i]);

    flush_plan plan;
    comparison buffers;
    plan.inserts.resize(parts.added.size());
    for (std::size_t i = 0; i < parts.added.size(); ++i)
        parts.added[i].state()->group_index = static_cast<std::uint32_t>(i);
    for (const auto& object : parts.added) {
        if (object.state()->type->columns.size() > most_columns) {
            throw configuration_error("a mapped class may have up to 256 columns; " +
                                      std::string(object.state()->type->table) + " has more");
        }
        buffers.insert(plan, *object.state());
    }
    for (auto& insert : plan.inserts)
        insert.key = composed_key(plan, insert);
    for (auto* const object : parts.watched) {
        if (object->removal) continue;
        std::vector<deferred_column> deferred;
        const auto changed = buffers.compare(*object, deferred);
        if (changed.none()) continue;
        refuse_lost_key(*object, changed);
        for (const auto& late : deferred)
            plan.inserts[late.target].wanted = true;
        plan.updates.push_back({object, encoded_row(buffers.row()), changed, std::move(deferred), false, nullptr});
    }
    for (const auto& object : parts.removed) {
        if (!switch_rows(plan, *object.state())) plan.deletes.push_back(object.state());
    }
    return plan;
}

void choose_keys_ahead(flush_plan& plan) {
    std::unordered_set<const class_descriptor*> needed;
    for (const auto& insert : plan.inserts)
        if (insert.wanted && !insert.key.is_set()) needed.insert(insert.object->type);
    for (auto& insert : plan.inserts) {
        const auto& type = *insert.object->type;
        const bool from_sequence = type.key_size == 1 && type.columns[0].generated && is_integer(type.columns[0].wire);
        if (!from_sequence || insert.given.test(0) || !needed.contains(&type)) continue;
        insert.ahead = true;
        insert.given.set(0);
    }
}

bool is_changed(object_state& object) {
    if (object.watch == nullptr) return false;
    comparison buffers;
    std::vector<deferred_column> deferred;
    return buffers.compare(object, deferred).any();
}

bool has_changes(session_parts& parts, std::span<const class_descriptor* const> types, bool all) {
    const auto named = [&](const class_descriptor* type) {
        return all || std::find(types.begin(), types.end(), type) != types.end();
    };
    const auto is_named = [&](const entity_base& object) { return named(object.state()->type); };
    if (std::any_of(parts.added.begin(), parts.added.end(), is_named)) return true;
    if (std::any_of(parts.removed.begin(), parts.removed.end(), is_named)) return true;
    comparison buffers;
    std::vector<deferred_column> deferred;
    return std::any_of(parts.watched.begin(), parts.watched.end(), [&](object_state* object) {
        return named(object->type) && buffers.compare(*object, deferred).any();
    });
}

key_value composed_key(const flush_plan& plan, const planned_insert& insert) {
    const auto& type = *insert.object->type;
    encoded_columns columns(insert.row);
    key_builder built(type.key_size);
    for (std::size_t i = 0; i < type.key_size; ++i) {
        const auto column = columns.next();
        if (!insert.given.test(i)) return {};
        const auto late = std::find_if(insert.deferred.begin(), insert.deferred.end(),
                                       [i](const deferred_column& deferred) { return deferred.column == i; });
        if (late == insert.deferred.end()) {
            built.add(cell_of(column, type.columns[i].wire));
            continue;
        }
        const auto& target = plan.inserts[late->target];
        if (!target.key.is_set()) return {};
        built.add(
            key_part(target.key, late->part, type.relations[late->relation].columns.size(), type.columns[i].wire));
    }
    return built.finish();
}

} // namespace wharf::orm
