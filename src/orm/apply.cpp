#include "orm/apply.hpp"

#include "orm/answers.hpp"
#include "orm/mirror.hpp"
#include "orm/step_statement.hpp"
#include "wharf/row/bytes.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

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

/// A row as it was written, with the keys that were waited for.
encoded_row written_row(const flush_plan& plan, const class_descriptor& type, const encoded_row& row,
                        std::span<const deferred_column> deferred) {
    if (deferred.empty()) return row;
    parameters written;
    encoded_columns columns(row);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto cell = cell_of(columns.next(), type.columns[i].wire);
        const auto late = std::ranges::find(deferred, i, &deferred_column::column);
        if (late != deferred.end()) {
            add_deferred(plan, type, *late, written);
        } else if (cell.null) {
            written.add_null(cell.type);
        } else {
            written.add_encoded(cell.type, cell.bytes);
        }
    }
    return encoded_row(written.encoded());
}

/// The relation member and the members that hold its key both say what was written to `columns`.
void align_references(object_state& object, const encoded_row& row, const column_set& columns) {
    const auto& type = *object.type;
    std::vector<std::string_view> written;
    split_row(row, type.columns.size(), written);
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        const auto& relation = type.relations[i];
        if (relation.kind != relation_kind::belongs_to || !has_member(type, relation)) continue;
        bool touched = false;
        for (const auto column : relation.columns) {
            if (!columns.test(column)) continue;
            touched = true;
            parameters held;
            encode_column(object, column, held);
            if (held.encoded(0) != written[column]) restore_column(object, column, written[column]);
        }
        if (!touched) continue;
        auto& reference = reference_at(object, i);
        auto key = key_in_members(object, relation);
        auto* const target = reference.target().state();
        const bool renamed = target != nullptr && key.is_set() && key_held(*target) == key;
        if (!renamed && !(reference.foreign_key() == key)) reference.change({}, std::move(key));
    }
}

/// The version of a row after an update.
void write_version(object_state& object, const planned_update& update) {
    if (object.type->version_column < 0) return;
    const std::uint32_t raised = update.changed.any() ? 1 : 0;
    restore_column(object, static_cast<std::size_t>(object.type->version_column),
                   expected_version(*object.type, update.before, update.earlier + raised));
}

/// What the object that takes a row over has to know of it.
void take_over(const planned_update& update) {
    if (update.earlier == 0) update.object->stored = update.replaces->stored;
    if (!update.passing) take_answer(*update.object, update.answer, update.changed);
    if (update.last) write_version(*update.object, update); // the row keeps its count
}

void apply_insert(session_parts& parts, planned_insert& insert) {
    auto& object = *insert.object;
    parts.tx.remember(object);
    inserted_object record{entity_base::share(&object), insert.key_filled, {}, insert.answer.differs};
    if (record.differs || fills_more_than_the_key(insert)) record.members = encode_object(object);
    parts.tx.remember_inserted(std::move(record));
    object.key = insert.key;
    if (insert.key_filled && !insert.answer.unreadable) write_key(object);
}

void take_answer(planned_insert& insert) {
    auto& object = *insert.object;
    take_answer(object, insert.answer, insert.given);
    bool differs = false; // char(n) pads a key
    insert.answer.for_each([&](std::size_t column, const cell_view& cell) {
        differs = differs || (column < object.type->key_size && insert.given.test(column) && !cell.null);
    });
    if (differs && !insert.answer.unreadable) object.key = key_held(object);
}

/// Another object may be left that was read by a transaction which was rolled back, or whose row SQL has removed.
void take_place(session_parts& parts, object_state& object) {
    if (auto* const other = parts.map.find(*object.type, object.key)) {
        parts.tx.remember(*other);
        make_gone(parts, *other);
    }
    parts.map.insert(object);
}

void become_persistent(session_parts& parts, object_state& object) {
    object.status = object_status::persistent;
    object.group_index = 0;
    object.read_at = parts.tx.now();
    take_place(parts, object);
    // What was referred to before stays linked; its collections hold all that there is.
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::has_many)
            collection_at(object, i).set_loaded(parts.tx.now());
    if (!object.touched) return;
    object.touched = false;
    object.traps |= object_state::trap_write;
    start_watching(parts, object);
}

/// The children of removed objects' rows, and what referred to those objects, are the others' whose rows they are now.
void hand_over(session_parts& parts, const flush_plan& plan) {
    std::unordered_map<const object_state*, object_state*> heirs;
    for (const auto& update : plan.updates) {
        if (update.replaces == nullptr || !update.last) continue;
        auto& object = *update.object;
        heirs.emplace(update.replaces, &object);
        for (std::size_t i = 0; i < object.type->relations.size(); ++i)
            if (object.type->relations[i].kind == relation_kind::has_many) collection_at(object, i).set_loaded(0);
    }
    if (heirs.empty()) return;
    std::vector<std::pair<const reference_base*, object_state*>> found;
    parts.map.for_each([&](object_state& candidate) {
        for (std::size_t i = 0; i < candidate.type->relations.size(); ++i) {
            if (candidate.type->relations[i].kind != relation_kind::belongs_to) continue;
            const auto& reference = reference_at(candidate, i);
            const auto heir = heirs.find(reference.target().state());
            if (heir != heirs.end()) found.emplace_back(&reference, heir->second);
        }
    });
    for (const auto& [reference, heir] : found) {
        parts.tx.remember(*reference->owner());
        reference->set(entity_base::share(heir), {});
        reference->set_linked(false);
        link(*reference);
    }
}

void apply_delete(session_parts& parts, object_state& object) {
    parts.tx.remember(object);
    delist(parts, object);
    parts.map.erase(object);
    object.status = object_status::deleted;
    object.removal = false;
    end_strict(object); // there is no row to read again
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::belongs_to) unlink(reference_at(object, i));
}

/// False where the object got another key that nobody had expected, and has to be put into the map under it.
bool apply_update(session_parts& parts, const flush_plan& plan, const planned_update& update) {
    auto& object = *update.object;
    parts.tx.remember(object);
    object.read_at = parts.tx.now();
    if (!update.passing) {
        align_references(object, written_row(plan, *update.type, update.row, update.deferred), update.changed);
        take_answer(object, update.answer, update.changed);
    }
    if (update.insert != planned_update::no_insert) {
        write_version(object, update); // nobody watches it yet
        if (object.watch != nullptr) object.watch->baseline = encode_object(object);
        return true;
    }
    if (!update.last) return true;
    write_version(object, update);
    object.checks = 0;
    object.watch->baseline = encode_object(object);
    const auto key = key_held(object);
    if (key == object.key) return true;
    const bool has_left = !parts.map.erase(object);
    object.key = key;
    return has_left;
}

} // namespace

plan_applier::plan_applier(session_parts& parts, flush_plan& plan) : parts_(parts), plan_(plan) {}

plan_applier::~plan_applier() {
    while (tell(~std::size_t{0})) {
    }
}

bool plan_applier::tell(std::size_t most) {
    for (; most != 0 && stage_ != stage::done; --most) {
        while (stage_ != stage::done && next_ == rows_of(stage_))
            begin(static_cast<stage>(static_cast<int>(stage_) + 1));
        if (stage_ != stage::done) tell_of(next_++);
    }
    return stage_ != stage::done;
}

std::size_t plan_applier::rows_of(stage of) const noexcept {
    switch (of) {
    case stage::taken_over:
    case stage::rows_taken:
    case stage::leaving:
    case stage::updated:
        return plan_.updates.size();
    case stage::handed_over: // all at once
        return 1;
    case stage::removed:
        return plan_.deletes.size();
    case stage::keys:
    case stage::references:
    case stage::answers:
        return plan_.inserts.size();
    case stage::persistent:
        return added_.size();
    case stage::renamed:
        return renamed_.size();
    case stage::done:
        break;
    }
    return 0;
}

void plan_applier::begin(stage next) {
    stage_ = next;
    next_ = 0;
    if (next == stage::keys) parts_.removed.clear();
    if (next == stage::persistent) added_ = parts_.added.take();
}

void plan_applier::tell_of(std::size_t row) {
    switch (stage_) {
    case stage::taken_over: {
        const auto& update = plan_.updates[row];
        if (update.replaces != nullptr && update.last) apply_delete(parts_, *update.replaces);
        break;
    }
    case stage::removed:
        apply_delete(parts_, *plan_.deletes[row].object);
        break;
    case stage::keys:
        apply_insert(parts_, plan_.inserts[row]);
        break;
    case stage::references: {
        const auto& insert = plan_.inserts[row];
        align_references(*insert.object, written_row(plan_, *insert.type, insert.row, insert.deferred),
                         insert.given & ~insert.postponed);
        break;
    }
    case stage::answers:
        if (!plan_.inserts[row].switched) take_answer(plan_.inserts[row]);
        break;
    case stage::rows_taken:
        if (plan_.updates[row].replaces != nullptr) take_over(plan_.updates[row]);
        break;
    case stage::leaving:
        leave_key(plan_.updates[row]);
        break;
    case stage::persistent:
        become_persistent(parts_, *added_[row].state());
        break;
    case stage::updated:
        tell_of(plan_.updates[row]);
        break;
    case stage::renamed:
        take_place(parts_, *renamed_[row].state());
        break;
    case stage::handed_over:
        hand_over(parts_, plan_);
        break;
    case stage::done:
        break;
    }
}

void plan_applier::leave_key(const planned_update& update) {
    if (update.replaces != nullptr || update.insert != planned_update::no_insert || !changes_key(update)) return;
    if (auto held = parts_.map.erase(*update.object)) renamed_.push_back(std::move(held));
}

void plan_applier::tell_of(const planned_update& update) {
    if (update.replaces != nullptr) return;
    if (update.insert == planned_update::no_insert && update.object->status != object_status::persistent) return;
    auto object = entity_base::share(update.object);
    if (!apply_update(parts_, plan_, update)) renamed_.push_back(std::move(object));
}

} // namespace wharf::orm
