// Finding what a flush has to write.
#include "orm/flush_plan.hpp"
#include "orm/row_name.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <unordered_map>

namespace wharf::orm {
namespace {

/// What a reference is going to hold: a known key, or that of an object which is inserted by the same flush.
struct reference_value {
    key_value key{};
    object_state* pending{nullptr};
    bool in_members{false}; ///< the members that hold the key say what it is

    [[nodiscard]] bool is_set() const noexcept { return pending != nullptr || key.is_set(); }
};

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

std::size_t place_of(const relation_descriptor& relation, std::size_t column) noexcept {
    const auto found = std::find(relation.columns.begin(), relation.columns.end(), column);
    return static_cast<std::size_t>(found - relation.columns.begin());
}

/// Whether the column can say that there is no reference.
bool can_be_cleared(const column_descriptor& column) noexcept {
    return column.nullable && !column.key;
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

/// Which relation says what a column holds; -1: the member itself.
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

/// Encodes all columns with what their references are going to hold.
void encode_effective(object_state& object, std::span<const reference_value> references, std::span<const int> sources,
                      parameters& out, std::vector<deferred_column>& deferred) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto& column = type.columns[i];
        if (sources[i] < 0) {
            encode_column(object, i, out);
            continue;
        }
        const auto relation = static_cast<std::size_t>(sources[i]);
        const auto& description = type.relations[relation];
        const auto& value = references[relation];
        const auto part = place_of(description, i);
        if (value.pending != nullptr) {
            out.add_null(column.wire);
            deferred.push_back({i, value.pending->group_index, part, relation});
        } else {
            add_key_part(value.key, part, description.columns.size(), column.wire, out);
        }
    }
}

/// The values of all references; a baseline says what they were, and is empty for a pending object.
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

bool left_to_database(const column_descriptor& column, object_state& object) {
    if (column.type == nullptr) return false;
    if (column.type->is_unset != nullptr) return column.type->is_unset(column.at(object.object()));
    return column.generated && column.type->is_default(column.at(object.object()));
}

/// Buffers that are used again for each object.
class comparison {
public:
    void insert(flush_plan& plan, object_state& object) {
        const auto& type = *object.type;
        planned_insert made;
        made.type = &type;
        made.object = &object;
        if (type.before_write != nullptr) type.before_write(object.object(), true);
        encode(object, {}, made.deferred);
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
        const auto changed = find_changed(object, deferred);
        if (changed.none() || object.type->before_write == nullptr) return changed;
        object.type->before_write(object.object(), false);
        deferred.clear();
        return find_changed(object, deferred);
    }

    [[nodiscard]] std::string_view row() const noexcept { return scratch_.encoded(); }
    /// A reference of the object that compare() looked at which was cleared, though no column of it may be NULL.
    [[nodiscard]] const relation_descriptor* lost_reference() const noexcept { return lost_; }

private:
    column_set find_changed(object_state& object, std::vector<deferred_column>& deferred) {
        const auto& type = *object.type;
        split_row(object.watch->baseline, type.columns.size(), before_);
        encode(object, before_, deferred);
        column_set changed;
        encoded_columns now(scratch_.encoded());
        for (std::size_t i = 0; i < type.columns.size(); ++i)
            if (now.next() != before_[i] && !type.columns[i].version) changed.set(i);
        for (const auto& late : deferred)
            changed.set(late.column);
        lost_ = nullptr;
        for (std::size_t i = 0; i < type.relations.size(); ++i)
            if (is_lost(type, i)) note_lost(type.relations[i], changed);
        return changed;
    }

    void encode(object_state& object, std::span<const std::string_view> baseline,
                std::vector<deferred_column>& deferred) {
        references_of(object, baseline, references_);
        choose_sources(*object.type, references_, sources_);
        scratch_.clear();
        encode_effective(object, references_, sources_, scratch_, deferred);
    }

    [[nodiscard]] bool is_lost(const class_descriptor& type, std::size_t index) const {
        const auto& relation = type.relations[index];
        if (relation.kind != relation_kind::belongs_to || references_[index].in_members) return false;
        if (references_[index].is_set() || !reference_key_in(type, relation, before_).is_set()) return false;
        return std::none_of(relation.columns.begin(), relation.columns.end(),
                            [&](std::size_t column) { return can_be_cleared(type.columns[column]); });
    }
    void note_lost(const relation_descriptor& relation, column_set& changed) {
        lost_ = &relation;
        for (const auto column : relation.columns)
            changed.set(column);
    }

    parameters scratch_{};
    std::vector<reference_value> references_{};
    std::vector<int> sources_{};
    std::vector<std::string_view> before_{};
    const relation_descriptor* lost_{nullptr};
};

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

void refuse_unset(object_state& object, const column_set& changed) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto& column = type.columns[i];
        if (!changed.test(i) || column.type == nullptr || !left_to_database(column, object)) continue;
        throw usage_error("column " + std::string(type.table) + "." + std::string(column.name) + " of row " +
                          describe_key(type, object.key) +
                          " was made unset; only an INSERT leaves a column to its default. Give it a value, or NULL. "
                          "(Was another value assigned over the whole object?)");
    }
}

/// What the database holds for an object that is removed.
encoded_row row_of(object_state& removed) {
    return removed.watch != nullptr ? removed.watch->baseline : encode_object(removed);
}

/// Finds objects that are added by the rows that they stand for.
class inserted_rows {
public:
    explicit inserted_rows(const flush_plan& plan) {
        for (std::size_t i = 0; i < plan.inserts.size(); ++i)
            if (plan.inserts[i].key.is_set()) by_key_.try_emplace({plan.inserts[i].type, plan.inserts[i].key}, i);
    }
    [[nodiscard]] std::size_t find(const object_state& removed) const {
        const auto found = by_key_.find({removed.type, removed.key});
        return found == by_key_.end() ? none : found->second;
    }
    static constexpr std::size_t none = ~std::size_t{0};

private:
    std::unordered_map<row_name, std::size_t, row_name_hash> by_key_{};
};

/// Whether an object that is added stands for the row of one that is removed; that is an UPDATE. Not where the database
/// is to fill something in, which only an INSERT makes it do.
bool switch_rows(flush_plan& plan, const inserted_rows& inserted, object_state& removed) {
    const auto found = inserted.find(removed);
    if (found == inserted_rows::none) return false;
    auto& insert = plan.inserts[found];
    const auto& type = *removed.type;
    for (std::size_t i = 0; i < type.columns.size(); ++i)
        if (!insert.given.test(i)) return false;
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
    insert.switched = true;
    plan.updates.push_back(std::move(update));
    return true;
}

/// Composes the keys that are made of other rows' keys, those first.
void compose_key(flush_plan& plan, std::size_t row, std::vector<bool>& seen) {
    if (seen[row]) return;
    seen[row] = true;
    auto& insert = plan.inserts[row];
    for (const auto& late : insert.deferred)
        if (late.column < insert.type->key_size) compose_key(plan, late.target, seen);
    insert.key = composed_key(plan, insert);
}

} // namespace

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

flush_plan find_changes(const unwritten& objects) {
    flush_plan plan;
    comparison buffers;
    plan.inserts.resize(objects.added.size());
    for (std::size_t i = 0; i < objects.added.size(); ++i)
        objects.added[i].state()->group_index = static_cast<std::uint32_t>(i);
    for (const auto& object : objects.added)
        buffers.insert(plan, *object.state());
    std::vector<bool> composed(plan.inserts.size(), false);
    for (std::size_t i = 0; i < plan.inserts.size(); ++i)
        compose_key(plan, i, composed);
    for (auto* const object : objects.watched) {
        if (object->removal) continue;
        planned_update update{object->type, object};
        update.changed = buffers.compare(*object, update.deferred);
        if (update.changed.none()) continue;
        refuse_lost_key(*object, update.changed);
        refuse_unset(*object, update.changed);
        refuse_lost_reference(*object, buffers.lost_reference());
        for (const auto& late : update.deferred)
            plan.inserts[late.target].wanted = true;
        update.key = object->key;
        update.before = object->watch->baseline;
        update.row = encoded_row(buffers.row());
        plan.updates.push_back(std::move(update));
    }
    if (objects.removed.empty()) return plan;
    const inserted_rows inserted(plan);
    for (const auto& object : objects.removed) {
        auto& removed = *object.state();
        if (!switch_rows(plan, inserted, removed))
            plan.deletes.push_back({removed.type, &removed, removed.key, row_of(removed)});
    }
    return plan;
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
