// What the references of an object are going to hold when it is written.
#pragma once

#include "orm/object_row.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace wharf::orm {

/// What a reference is going to hold: a known key, or that of an object which is inserted by the same flush.
struct reference_value {
    key_value key{};
    object_state* pending{nullptr};
    bool in_members{false}; ///< the members that hold the key say what it is

    [[nodiscard]] bool is_set() const noexcept { return pending != nullptr || key.is_set(); }
};

/// The values of all references; a baseline says what they were, and is empty for a pending object. Throws usage_error
/// where a relation and the member that holds its key were changed to different rows.
void references_of(object_state& object, std::span<const std::string_view> baseline, std::vector<reference_value>& out);

/// Which relation says what a column holds; -1: the member itself. Throws usage_error where two do not agree.
void choose_sources(const class_descriptor& type, std::span<const reference_value> references, std::vector<int>& out);

/// Which part of the reference's key the column holds.
[[nodiscard]] std::size_t place_of(const relation_descriptor& relation, std::size_t column) noexcept;
/// Whether the column can say that there is no reference.
[[nodiscard]] bool can_be_cleared(const column_descriptor& column) noexcept;

/// The key that the members mapped for a reference hold; unset when NULL.
[[nodiscard]] key_value key_in_members(object_state& object, const relation_descriptor& relation);
/// They say nothing.
void clear_members(object_state& object, const relation_descriptor& relation);
/// Whether the reference's key is kept in members of the class.
[[nodiscard]] bool has_member(const class_descriptor& type, const relation_descriptor& relation) noexcept;

} // namespace wharf::orm
