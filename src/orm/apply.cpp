#include "orm/apply.hpp"

#include "orm/answers.hpp"
#include "orm/followers.hpp"
#include "orm/mirror.hpp"
#include "orm/step_statement.hpp"
#include "orm/told_row.hpp"
#include "wharf/row/bytes.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

namespace wharf::orm {
namespace {

/// The primary key in an encoded row.
key_value key_in_row(const class_descriptor& type, std::string_view row) {
    key_builder built(type.key_size);
    encoded_columns columns(row);
    for (std::size_t i = 0; i < type.key_size; ++i)
        built.add(cell_of(columns.next(), type.columns[i].wire));
    return built.finish();
}

bool fills_more_than_the_key(const planned_insert& insert) {
    const auto& type = *insert.object->type;
    for (std::size_t i = type.key_size; i < type.columns.size(); ++i)
        if (!insert.given.test(i)) return true;
    return std::any_of(type.relations.begin(), type.relations.end(), [&](const relation_descriptor& relation) {
        return relation.kind == relation_kind::belongs_to && has_member(type, relation);
    });
}

/// Whether a trigger or a default may have put another key into a reference.
bool may_choose_targets(const planned_insert& insert) {
    if (insert.answer.differs) return true;
    const auto& columns = insert.object->type->columns;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].relation >= 0 && !insert.given.test(i)) return true;
    return false;
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

/// The relation member and the members that hold its key both say what was written to `columns`. Those with a column
/// that is written `later` wait for it.
void align_references(told_row& told, const encoded_row& row, const column_set& columns, const column_set& later) {
    auto& object = told.object();
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
            told.set(column, written[column]);
        }
        const auto is_later = [&later](std::size_t column) { return later.test(column); };
        if (!touched || std::ranges::any_of(relation.columns, is_later)) continue;
        auto& reference = reference_at(object, i);
        auto key = told.key_of(relation);
        auto* const target = reference.target().state();
        const bool renamed = target != nullptr && key.is_set() && key_held(*target) == key;
        if (!renamed && !(reference.foreign_key() == key)) reference.change({}, std::move(key));
    }
}

/// The version of a row after an update.
void tell_version(told_row& told, const planned_update& update) {
    const auto& type = *update.type;
    if (type.version_column < 0) return;
    const std::uint32_t raised = update.changed.any() ? 1 : 0;
    told.set(static_cast<std::size_t>(type.version_column),
             expected_version(type, update.before, update.earlier + raised));
}

std::string_view held_by(const planned_insert& insert) noexcept {
    return insert.held.empty() ? insert.row : insert.held;
}

/// An inserted object is told of its row in several turns: the plan's row becomes what the database has.
void note_told(const told_row& told, planned_insert& insert) {
    if (!told.is_exposed()) return;
    auto row = told.known_with_references();
    if (!insert.held.empty()) insert.held = told.held();
    insert.row = std::move(row);
}

/// What the object that takes a row over has to know of it.
void take_over(trial_objects& trial, flush_plan& plan, const planned_update& update) {
    auto& object = *update.object;
    auto& insert = plan.inserts[object.group_index];
    told_row told(trial, object, insert.row, held_by(insert));
    if (update.earlier == 0) object.stored = update.replaces->stored;
    if (!update.passing) take_answer(told, update.answer, update.changed);
    if (update.last) tell_version(told, update); // the row keeps its count
    note_told(told, insert);
}

void apply_insert(session_parts& parts, trial_objects& trial, planned_insert& insert) {
    auto& object = *insert.object;
    parts.tx.remember(object);
    inserted_object record{entity_base::share(&object), insert.key_filled, {}, {}, insert.answer.differs};
    if (record.differs || fills_more_than_the_key(insert)) {
        record.members = encode_object(object);
        if (may_choose_targets(insert)) record.references = references_held_by(object);
    }
    parts.tx.remember_inserted(std::move(record));
    object.key = insert.key;
    if (!insert.key_filled || insert.answer.unreadable) return;
    const auto& type = *object.type;
    told_row told(trial, object, insert.row, held_by(insert));
    for (std::size_t i = 0; i < type.key_size; ++i)
        told.set(i, key_part(object.key, i, type.key_size, type.columns[i].wire));
    note_told(told, insert);
}

void tell_references(trial_objects& trial, const flush_plan& plan, planned_insert& insert) {
    told_row told(trial, *insert.object, insert.row, held_by(insert));
    align_references(told, written_row(plan, *insert.type, insert.row, insert.deferred),
                     insert.given & ~insert.postponed, insert.postponed);
    note_told(told, insert);
}

void tell_answer(trial_objects& trial, planned_insert& insert) {
    auto& object = *insert.object;
    told_row told(trial, object, insert.row, held_by(insert));
    take_answer(told, insert.answer, insert.given);
    bool differs = false; // char(n) pads a key
    insert.answer.for_each([&](std::size_t column, const cell_view& cell) {
        differs = differs || (column < object.type->key_size && insert.given.test(column) && !cell.null);
    });
    note_told(told, insert);
    if (differs && !insert.answer.unreadable)
        object.key = told.is_exposed() ? key_in_row(*object.type, insert.row) : key_held(object);
}

void become_persistent(session_parts& parts, flush_plan& plan, object_state& object) {
    auto& row = plan.inserts[object.group_index].row;
    object.status = object_status::persistent;
    object.group_index = 0;
    object.read_at = parts.tx.now();
    // What was referred to before stays linked; its collections hold all that there is.
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::has_many)
            collection_at(object, i).set_loaded(parts.tx.now());
    if (!object.touched) return;
    object.touched = false;
    auto record = std::make_unique<watch_record>();
    record->baseline = std::move(row);
    object.watch = std::move(record);
    enlist(parts, object);
}

using heirs_by_object = std::unordered_map<const object_state*, object_state*>;

/// What refers to objects whose rows or keys others have now refers to those.
void hand_over(session_parts& parts, const heirs_by_object& heirs) {
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

/// What refers by its key to a row that is written with it has found no object so far.
void link_references(object_state& object) {
    if (object.status != object_status::persistent) return;
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::belongs_to) link(reference_at(object, i));
}

void apply_delete(session_parts& parts, object_state& object) {
    parts.tx.remember_written(object);
    delist(parts, object);
    parts.map.erase(object);
    object.status = object_status::deleted;
    object.removal = false;
    end_strict(object); // there is no row to read again
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::belongs_to) unlink(reference_at(object, i));
}

std::string_view held_by(const planned_update& update) noexcept {
    return update.held.empty() ? update.row : update.held;
}

/// The same behind other updates of the row, which may have told members that this one does not change.
encoded_row held_by(const planned_update& update, const encoded_row& before) {
    encoded_row row;
    encoded_columns unchanged(before);
    encoded_columns changed(held_by(update));
    for (std::size_t i = 0; i < update.type->columns.size(); ++i) {
        const auto one = unchanged.next();
        const auto other = changed.next();
        row += update.changed.test(i) || update.type->columns[i].version ? other : one;
    }
    return row;
}

void tell_changed(told_row& told, const encoded_row& written, const column_set& changed) {
    encoded_columns columns(written);
    for (std::size_t i = 0; i < told.object().type->columns.size(); ++i) {
        const auto column = columns.next();
        if (told.is_exposed() && changed.test(i)) told.set(i, column);
    }
}

/// False where the object got another key that nobody had expected, and has to be put into the map under it.
bool apply_update(session_parts& parts, trial_objects& trial, const flush_plan& plan, const planned_update& update) {
    auto& object = *update.object;
    parts.tx.remember_written(object);
    object.read_at = parts.tx.now();
    if (update.passing && !update.last) return true;
    const auto none = encoded_row();
    const auto& before = object.watch != nullptr ? object.watch->baseline : none;
    const auto held = object.watch != nullptr && update.earlier != 0 ? held_by(update, before) : none;
    told_row told(trial, object, before, held.empty() ? held_by(update) : held);
    if (!update.passing) {
        const auto written = written_row(plan, *update.type, update.row, update.deferred);
        tell_changed(told, written, update.changed);
        align_references(told, written, update.changed, {});
        take_answer(told, update.answer, update.changed);
    }
    const bool is_inserted = update.insert != planned_update::no_insert;
    if (update.last) tell_version(told, update);
    if (told.is_exposed()) object.watch->baseline = told.known_with_references();
    if (is_inserted || !update.last) return true;
    object.checks &= static_cast<std::uint8_t>(~update.checks);
    auto key = key_in_row(*object.type, object.watch->baseline);
    if (key == object.key) return true;
    const bool has_left = !parts.map.erase(object);
    object.key = std::move(key);
    return has_left;
}

} // namespace

plan_applier::plan_applier(session_parts& parts, flush_plan& plan) : parts_(parts), plan_(plan) {}

plan_applier::~plan_applier() {
    if (stage_ == stage::done) return;
    parts_.half_told.added = std::move(added_);
    parts_.half_told.renamed = std::move(renamed_);
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
    case stage::linked:
        return added_.size() + plan_.updates.size();
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
        if (update.replaces == nullptr || !update.last) break;
        apply_delete(parts_, *update.replaces);
        heirs_.emplace_back(entity_base::share(update.replaces), update.object);
        break;
    }
    case stage::removed:
        apply_delete(parts_, *plan_.deletes[row].object);
        break;
    case stage::keys:
        apply_insert(parts_, trial_, plan_.inserts[row]);
        break;
    case stage::references:
        tell_references(trial_, plan_, plan_.inserts[row]);
        break;
    case stage::answers:
        if (!plan_.inserts[row].switched) tell_answer(trial_, plan_.inserts[row]);
        break;
    case stage::rows_taken:
        if (plan_.updates[row].replaces != nullptr) take_over(trial_, plan_, plan_.updates[row]);
        break;
    case stage::leaving:
        leave_key(plan_.updates[row]);
        break;
    case stage::persistent:
        take_place(*added_[row].state());
        become_persistent(parts_, plan_, *added_[row].state());
        break;
    case stage::updated:
        tell_of(plan_.updates[row]);
        break;
    case stage::renamed:
        take_place(*renamed_[row].state());
        break;
    case stage::linked:
        link_references(row < added_.size() ? *added_[row].state() : *plan_.updates[row - added_.size()].object);
        break;
    case stage::handed_over:
        hand_over();
        follow_keys();
        break;
    case stage::done:
        break;
    }
}

/// Another object may be left that was read by a transaction which was rolled back, or whose row SQL or somebody else
/// has removed.
void plan_applier::take_place(object_state& object) {
    if (auto* const other = parts_.map.find(*object.type, object.key)) {
        heirs_.emplace_back(entity_base::share(other), &object);
        parts_.tx.remember(*other);
        for (std::size_t i = 0; i < other->type->relations.size(); ++i)
            if (other->type->relations[i].kind == relation_kind::has_many) parts_.tx.remember(collection_at(*other, i));
        make_gone(parts_, *other);
    }
    parts_.map.insert(object);
}

/// The rows that refer to such a row are those of the new object, whether the session knows them or not.
void plan_applier::hand_over() {
    heirs_by_object heirs;
    for (const auto& [object, heir] : heirs_) {
        heirs.emplace(object.state(), heir);
        for (std::size_t i = 0; i < heir->type->relations.size(); ++i)
            if (heir->type->relations[i].kind == relation_kind::has_many) collection_at(*heir, i).set_loaded(0);
    }
    if (!heirs.empty()) orm::hand_over(parts_, heirs);
}

void plan_applier::follow_keys() {
    renamed_rows renamed;
    for (const auto& update : plan_.updates) {
        const bool is_own = update.replaces == nullptr && update.insert == planned_update::no_insert;
        if (!is_own || !changes_key(update) || update.key == update.object->key) continue;
        renamed.emplace(row_name{update.type, update.key}, update.object->key);
    }
    if (!renamed.empty()) {
        written_columns written;
        for (const auto& added : added_)
            written[added.state()].set();
        for (const auto& update : plan_.updates)
            written[update.object] |= update.changed;
        follow_renamed(parts_, std::move(renamed), written);
    }
    for (const auto& removal : plan_.deletes)
        expire_items_of(*removal.object);
}

void plan_applier::leave_key(const planned_update& update) {
    if (update.replaces != nullptr || update.insert != planned_update::no_insert || !changes_key(update)) return;
    parts_.tx.remember(*update.object);
    renamed_.push_back(entity_base::share(update.object));
    const auto held = parts_.map.erase(*update.object);
    if (!held) renamed_.pop_back();
}

void plan_applier::tell_of(const planned_update& update) {
    if (update.replaces != nullptr) return;
    if (update.insert == planned_update::no_insert && update.object->status != object_status::persistent) return;
    auto object = entity_base::share(update.object);
    if (!apply_update(parts_, trial_, plan_, update)) renamed_.push_back(std::move(object));
}

} // namespace wharf::orm
