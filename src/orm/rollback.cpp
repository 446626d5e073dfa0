// Undoing in memory what a level of a transaction did to objects, without SQL: pending objects and those that were
// inserted leave, changed ones get the values back that they had when the level began, deleted ones return.
#include "orm/flush_plan.hpp"
#include "orm/mirror.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

/// A row of values that nobody has set.
encoded_row default_row(const class_descriptor& type) {
    const auto fresh = entity_base::adopt(make_object(type));
    return encode_object(*fresh.state());
}

void unset_what_was_filled(const transaction_level::inserted_object& record) {
    auto& object = *record.object.state();
    const auto& type = *object.type;
    if (record.key_filled) {
        const auto unset = default_row(type);
        encoded_columns columns(unset);
        for (std::size_t i = 0; i < type.key_size; ++i) {
            const auto column = columns.next();
            if (type.columns[i].type != nullptr && type.columns[i].generated) restore_column(object, i, column);
        }
    }
    if (record.members.empty()) return;
    encoded_columns columns(record.members);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto column = columns.next();
        const auto& described = type.columns[i];
        const bool filled = described.relation >= 0 || (!described.server_default.empty() && !described.key);
        if (filled && described.type != nullptr) restore_column(object, i, column);
    }
}

void undo_insert(session_parts& parts, const transaction_level::inserted_object& record, std::size_t level,
                 std::vector<entity_base>& leaving) {
    auto& object = *record.object.state();
    if (object.status == object_status::transient || object.status == object_status::detached) return;
    if (object.status == object_status::persistent) parts.map.erase(object);
    delist(parts, object);
    object.watch.reset();
    leave_group(object);
    object.key = key_value();
    unset_what_was_filled(record);
    if (object.added_level < level) { // added before the level began: waits for the next flush
        object.status = object_status::pending;
        object.touched = true;
        object.traps = 0;
        parts.added.push_back(record.object);
    } else {
        object.status = object_status::pending;
        leaving.push_back(record.object);
    }
}

void undo_delete(session_parts& parts, const entity_base& record, std::size_t level) {
    auto& object = *record.state();
    if (object.status != object_status::deleted) return;
    object.status = object_status::persistent;
    parts.map.insert(object);
    if (object.watch != nullptr) enlist(parts, object);
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::belongs_to) link(reference_at(object, i));
    if (object.added_level < level) { // it was marked before the level began
        object.removal = true;
        parts.removed.push_back(record);
    }
}

void undo_change(session_parts& parts, object_state& object, std::size_t level) {
    auto& record = *object.watch;
    const auto first = std::find_if(record.saved.begin(), record.saved.end(),
                                    [level](const watch_record::saved_row& saved) { return saved.level >= level; });
    if (first == record.saved.end()) {
        if (encode_object(object) != record.baseline) restore_object(object, record.baseline);
        return;
    }
    const auto saved = std::move(*first);
    record.saved.erase(first, record.saved.end());
    restore_object(object, saved.members);
    record.baseline = saved.baseline;
    std::vector<std::string_view> columns;
    split_row(record.baseline, object.type->columns.size(), columns);
    key_builder key(object.type->key_size);
    for (std::size_t i = 0; i < object.type->key_size; ++i)
        key.add(cell_of(columns[i], object.type->columns[i].wire));
    auto before = key.finish();
    if (before == object.key) return;
    parts.map.erase(object);
    object.key = std::move(before);
}

} // namespace

void undo_level(session_parts& parts, std::size_t level) noexcept {
    std::vector<transaction_level> ended;
    while (parts.levels.size() > level) {
        ended.push_back(std::move(parts.levels.back()));
        parts.levels.pop_back();
    }
    std::vector<entity_base> leaving;
    for (auto& of : ended) {
        std::for_each(of.inserted.rbegin(), of.inserted.rend(),
                      [&](const auto& record) { undo_insert(parts, record, level, leaving); });
    }
    // Changed keys leave the map first, so that two objects may change places.
    std::vector<entity_base> changed;
    changed.reserve(parts.watched.size());
    for (auto* const object : parts.watched)
        changed.push_back(entity_base::share(object));
    for (const auto& object : changed)
        undo_change(parts, *object.state(), level);
    for (auto& of : ended) {
        std::for_each(of.deleted.rbegin(), of.deleted.rend(), [&](const entity_base& record) {
            if (record.state()->watch != nullptr) undo_change(parts, *record.state(), level);
            undo_delete(parts, record, level);
        });
    }
    for (const auto& object : changed) {
        auto& state = *object.state();
        if (state.status == object_status::persistent && parts.map.find(*state.type, state.key) == nullptr) {
            parts.map.insert(state);
        }
    }
    // What was not flushed yet.
    const auto is_older = [level](const entity_base& object) { return object.state()->added_level < level; };
    const auto unflushed = std::exchange(parts.added, {});
    for (const auto& object : unflushed)
        (is_older(object) ? parts.added : leaving).push_back(object);
    make_transient(leaving);
    std::erase_if(parts.removed, [&](const entity_base& object) {
        if (is_older(object)) return false;
        object.state()->removal = false;
        return true;
    });
}

void forget_failure(session_parts& parts, std::size_t level) noexcept {
    if (parts.failed_level < level) return;
    parts.failure = nullptr;
    parts.failed_level = 0;
}

} // namespace wharf::orm
