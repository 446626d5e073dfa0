#include "orm/row_comparison.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

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

} // namespace

void row_comparison::encode_new(object_state& object, std::vector<deferred_column>& deferred) {
    encode(object, {}, deferred);
}

encoded_row row_comparison::held(object_state& object) const {
    const auto& columns = object.type->columns;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (sources_[i] >= 0 && columns[i].type != nullptr) return encode_object(object);
    return {};
}

column_set row_comparison::compare(object_state& object, std::vector<deferred_column>& deferred) {
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

void row_comparison::encode(object_state& object, std::span<const std::string_view> baseline,
                            std::vector<deferred_column>& deferred) {
    references_of(object, baseline, references_);
    choose_sources(*object.type, references_, sources_);
    scratch_.clear();
    encode_effective(object, references_, sources_, scratch_, deferred);
}

bool row_comparison::is_lost(const class_descriptor& type, std::size_t index) const {
    const auto& relation = type.relations[index];
    if (relation.kind != relation_kind::belongs_to || references_[index].in_members) return false;
    if (references_[index].is_set() || !reference_key_in(type, relation, before_).is_set()) return false;
    return std::none_of(relation.columns.begin(), relation.columns.end(),
                        [&](std::size_t column) { return can_be_cleared(type.columns[column]); });
}

void row_comparison::note_lost(const relation_descriptor& relation, column_set& changed) {
    lost_ = &relation;
    for (const auto column : relation.columns)
        changed.set(column);
}

bool is_changed(object_state& object) {
    if (object.watch == nullptr) return false;
    row_comparison buffers;
    std::vector<deferred_column> deferred;
    return buffers.compare(object, deferred).any();
}

change_search::change_search(const session_parts& parts, std::span<const class_descriptor* const> types, bool all)
    : parts_(parts), types_(types), all_(all) {
    const auto named = [this](const entity_base& object) { return is_named(*object.state()->type); };
    found_ = std::any_of(parts.added.begin(), parts.added.end(), named) ||
             std::any_of(parts.removed.begin(), parts.removed.end(), named);
}

bool change_search::is_named(const class_descriptor& type) const {
    return all_ || std::ranges::find(types_, &type) != types_.end();
}

bool change_search::look(std::size_t most) {
    for (const auto end = std::min(next_ + most, parts_.watched.size()); next_ < end && !found_; ++next_) {
        auto& object = *parts_.watched[next_];
        deferred_.clear();
        found_ = is_named(*object.type) && buffers_.compare(object, deferred_).any();
    }
    return !found_ && next_ < parts_.watched.size();
}

bool has_changes(const session_parts& parts, std::span<const class_descriptor* const> types, bool all) {
    change_search search(parts, types, all);
    static_cast<void>(search.look(parts.watched.size()));
    return search.found();
}

} // namespace wharf::orm
