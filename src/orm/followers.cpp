#include "orm/followers.hpp"

#include "orm/mirror.hpp"
#include "orm/object_row.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf::orm {
namespace {

/// A reference to a row that has been renamed.
struct follower {
    entity_base object{};
    std::size_t relation{0};
    const key_value* key{nullptr};
};

encoded_row row_of(object_state& object) {
    return object.watch != nullptr ? object.watch->baseline : encode_object(object);
}

bool is_written(const column_set& written, const relation_descriptor& relation) {
    return std::ranges::any_of(relation.columns, [&](std::size_t column) { return written.test(column); });
}

void find_followers(object_state& object, const renamed_rows& renamed, const column_set& written,
                    std::vector<follower>& out) {
    if ((object.traps & object_state::trap_read) != 0) return;
    const auto& type = *object.type;
    encoded_row row;
    std::vector<std::string_view> columns;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        const auto& relation = type.relations[i];
        if (relation.kind != relation_kind::belongs_to || is_written(written, relation)) continue;
        const auto* const target = known_target_of(relation);
        const auto is_renamed = [target](const auto& each) { return each.first.type == target; };
        if (std::ranges::none_of(renamed, is_renamed)) continue;
        if (columns.empty()) {
            row = row_of(object);
            split_row(row, type.columns.size(), columns);
        }
        const auto found = renamed.find({target, reference_key_in(type, relation, columns)});
        if (found != renamed.end()) out.push_back({entity_base::share(&object), i, &found->second});
    }
}

/// The row, and the members that hold the key, as far as nobody has written them meanwhile.
void carry_on(session_parts& parts, const follower& reference) {
    auto& object = *reference.object.state();
    const auto& type = *object.type;
    const auto& relation = type.relations[reference.relation];
    parts.tx.remember(object);
    const auto row = row_of(object);
    std::vector<std::string_view> columns;
    split_row(row, type.columns.size(), columns);
    parameters key;
    for (std::size_t part = 0; part < relation.columns.size(); ++part)
        add_key_part(*reference.key, part, relation.columns.size(), type.columns[relation.columns[part]].wire, key);
    for (std::size_t part = 0; part < relation.columns.size(); ++part) {
        const auto column = relation.columns[part];
        if (type.columns[column].type != nullptr) {
            parameters held;
            encode_column(object, column, held);
            if (held.encoded(0) == columns[column]) restore_column(object, column, key.encoded(part));
        }
        columns[column] = key.encoded(part);
    }
    if (object.watch != nullptr) {
        encoded_row followed;
        for (const auto column : columns)
            followed += column;
        object.watch->baseline = std::move(followed);
    }
    const auto& held = reference_at(object, reference.relation);
    if (!held.target()) held.set({}, *reference.key);
    if (!is_changed(object)) object.traps |= object_state::trap_stale;
}

/// Where the reference is part of the object's own key.
void rename(session_parts& parts, object_state& object, renamed_rows& next) {
    auto key = key_held(object);
    if (key == object.key) return;
    parts.map.erase(object);
    next.insert_or_assign({object.type, object.key}, key);
    object.key = std::move(key);
    parts.map.insert(object);
}

} // namespace

void follow_renamed(session_parts& parts, renamed_rows renamed, const written_columns& written) {
    while (!renamed.empty()) {
        std::vector<follower> found;
        parts.map.for_each([&](object_state& object) {
            const auto at = written.find(&object);
            find_followers(object, renamed, at != written.end() ? at->second : column_set(), found);
        });
        renamed_rows next;
        for (const auto& each : found)
            carry_on(parts, each);
        for (const auto& each : found)
            rename(parts, *each.object.state(), next);
        renamed = std::move(next);
    }
}

void expire_items_of(object_state& deleted) {
    const auto& type = *deleted.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind != relation_kind::has_many) continue;
        for (const auto& item : collection_at(deleted, i).known()) {
            auto& object = *item.state();
            if (object.status == object_status::persistent && !is_changed(object))
                object.traps |= object_state::trap_stale;
        }
    }
}

} // namespace wharf::orm
