#include "orm/filled_in.hpp"

#include "orm/object_row.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace wharf::orm {
namespace {

void unset_key(object_state& object) {
    const auto& type = *object.type;
    const auto unset = default_row(type);
    encoded_columns columns(unset);
    for (std::size_t i = 0; i < type.key_size; ++i) {
        const auto column = columns.next();
        if (type.columns[i].type != nullptr && type.columns[i].generated) restore_column(object, i, column);
    }
}

void unset_members(object_state& object, const inserted_object& record) {
    const auto& type = *object.type;
    encoded_columns columns(record.members);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto column = columns.next();
        const auto& described = type.columns[i];
        const bool filled = record.differs || described.relation >= 0 ||
                            (described.type != nullptr && described.type->is_unset != nullptr);
        if (filled && described.type != nullptr) restore_column(object, i, column);
    }
}

/// Whether it is what the database has in the row.
bool is_as_written(object_state& object, const reference_base& reference) {
    if (object.watch == nullptr) return true;
    std::vector<std::string_view> columns;
    split_row(object.watch->baseline, object.type->columns.size(), columns);
    return reference.foreign_key() == reference_key_in(*object.type, reference.description(), columns);
}

void restore_references(object_state& object, const inserted_object& record) {
    const auto& relations = object.type->relations;
    auto held = record.references.begin();
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind != relation_kind::belongs_to) continue;
        const auto& before = *held++;
        const auto& reference = reference_at(object, i);
        if (reference.target().state() == before.target.state() && reference.own_key() == before.key) continue;
        if (is_as_written(object, reference)) reference.set(entity_base(before.target), key_value(before.key));
    }
}

} // namespace

void unset_what_was_filled(const inserted_object& record) {
    auto& object = *record.object.state();
    if (record.members.empty()) {
        if (record.key_filled) unset_key(object);
        return;
    }
    if (!record.references.empty())
        restore_references(object, record); // while its members still tell which key was written
    if (record.key_filled) unset_key(object);
    unset_members(object, record);
}

} // namespace wharf::orm
