#include "orm/reference_values.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace wharf::orm {
namespace {

std::string label(const class_descriptor& type, const relation_descriptor& relation) {
    return std::string(type.table) + "." + std::string(relation.name);
}

bool holds_a_reference(std::span<const column_descriptor> key) noexcept {
    return std::any_of(key.begin(), key.end(), [](const column_descriptor& part) { return part.relation >= 0; });
}

reference_value value_of(const reference_base& reference) {
    auto* const target = reference.target().state();
    if (target == nullptr) return {reference.foreign_key()};
    if (target->status == object_status::pending) {
        if (holds_a_reference(target->type->key())) return {{}, target};
        auto key = key_held(*target);
        return key.is_set() ? reference_value{std::move(key)} : reference_value{{}, target};
    }
    return {reference.foreign_key()};
}

bool are_default(object_state& object, const relation_descriptor& relation) {
    const auto& columns = object.type->columns;
    return std::all_of(relation.columns.begin(), relation.columns.end(), [&](std::size_t column) {
        return columns[column].type->is_default(columns[column].at(object.object()));
    });
}

/// The relation member or the members that hold its key, whichever was changed. On a pending object (`baseline` null)
/// T{} is unset.
reference_value effective_value(object_state& object, std::size_t index, const key_value* baseline) {
    const auto& type = *object.type;
    const auto& relation = type.relations[index];
    auto by_relation = value_of(reference_at(object, index));
    if (!has_member(type, relation)) return by_relation;
    reference_value by_members{{}, nullptr, true};
    bool relation_changed = by_relation.is_set();
    bool members_changed = !are_default(object, relation);
    if (baseline != nullptr || members_changed) by_members.key = key_in_members(object, relation);
    if (baseline != nullptr) {
        relation_changed = by_relation.pending != nullptr || !(by_relation.key == *baseline);
        members_changed = !(by_members.key == *baseline);
    }
    if (!relation_changed) return by_members;
    if (members_changed && (by_relation.pending != nullptr || !(by_relation.key == by_members.key))) {
        throw usage_error("relation " + label(type, relation) +
                          " and the member that holds its key were both changed, to different rows; change one");
    }
    return by_relation;
}

/// The key that the target's members hold, where that was changed: what a new reference to it has to say.
void follow_renamed(object_state& object, std::size_t index, const key_value* baseline, reference_value& value) {
    auto* const target = reference_at(object, index).target().state();
    if (value.in_members || target == nullptr || target->watch == nullptr) return;
    if (target->status != object_status::persistent || !(value.key == target->key)) return;
    if (baseline != nullptr && value.key == *baseline) return; // the database follows, or refuses
    value.key = key_held(*target);
}

/// Two relations that share a column have to agree about it.
void refuse_disagreement(const class_descriptor& type, std::span<const reference_value> references, std::size_t column,
                         std::size_t one, std::size_t other) {
    const auto& left = references[one].key;
    const auto& right = references[other].key;
    if (!left.is_set() || !right.is_set()) return;
    const auto part = [&](const key_value& key, std::size_t index) {
        const auto& relation = type.relations[index];
        return key_part(key, place_of(relation, column), relation.columns.size(), type.columns[column].wire).bytes;
    };
    if (part(left, one) == part(right, other)) return;
    throw usage_error("relations " + label(type, type.relations[one]) + " and " + label(type, type.relations[other]) +
                      " share column " + std::string(type.columns[column].name) +
                      ", but refer to rows with different values of it");
}

} // namespace

std::size_t place_of(const relation_descriptor& relation, std::size_t column) noexcept {
    const auto found = std::find(relation.columns.begin(), relation.columns.end(), column);
    return static_cast<std::size_t>(found - relation.columns.begin());
}

bool can_be_cleared(const column_descriptor& column) noexcept {
    return column.nullable && !column.key;
}

void choose_sources(const class_descriptor& type, std::span<const reference_value> references, std::vector<int>& out) {
    out.assign(type.columns.size(), -1);
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        const auto& relation = type.relations[i];
        const auto& value = references[i];
        if (relation.kind != relation_kind::belongs_to || value.in_members) continue;
        for (std::size_t part = 0; part < relation.columns.size(); ++part) {
            const auto index = relation.columns[part];
            auto& source = out[index];
            const auto& column = type.columns[index];
            if (!value.is_set() && column.type != nullptr && (source >= 0 || !can_be_cleared(column))) continue;
            if (source >= 0) refuse_disagreement(type, references, index, i, static_cast<std::size_t>(source));
            source = static_cast<int>(i);
        }
    }
}

void references_of(object_state& object, std::span<const std::string_view> baseline,
                   std::vector<reference_value>& out) {
    const auto& relations = object.type->relations;
    out.assign(relations.size(), {});
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind != relation_kind::belongs_to) continue;
        key_value before;
        if (!baseline.empty()) before = reference_key_in(*object.type, relations[i], baseline);
        const auto* const known = baseline.empty() ? nullptr : &before;
        out[i] = effective_value(object, i, known);
        follow_renamed(object, i, known, out[i]);
    }
}

bool has_member(const class_descriptor& type, const relation_descriptor& relation) noexcept {
    return type.columns[relation.columns.front()].type != nullptr;
}

key_value key_in_members(object_state& object, const relation_descriptor& relation) {
    key_builder built(relation.columns.size());
    parameters encoded;
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
        encode_column(object, relation.columns[i], encoded);
        built.add(encoded[i]);
    }
    return built.finish();
}

void clear_members(object_state& object, const relation_descriptor& relation) {
    const auto fresh = default_row(*object.type);
    std::vector<std::string_view> columns;
    split_row(fresh, object.type->columns.size(), columns);
    for (const auto column : relation.columns)
        restore_column(object, column, columns[column]);
}

} // namespace wharf::orm
