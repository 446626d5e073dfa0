// Keeps the two sides of a relation in step in memory, without SQL.
#pragma once

#include "orm/object_row.hpp"

namespace wharf::orm {

/// The other side of a relation of `type`: its index in the target's relations, or no_other_side. Throws
/// configuration_error when a has_many has none, or several belongs_to point back and none is named.
[[nodiscard]] int inverse_of(const class_descriptor& type, std::size_t relation);
/// The class on the other side. Throws configuration_error when it is not known.
[[nodiscard]] const class_descriptor& target_of(const relation_descriptor& relation);
/// The same, or null.
[[nodiscard]] const class_descriptor* known_target_of(const relation_descriptor& relation);

/// Whether the reference is to this object.
[[nodiscard]] bool points_to(const reference_base& reference, const object_state& object) noexcept;

/// The collection that the reference's owner, which is in a session, belongs in; null when its object is not there.
[[nodiscard]] const collection_base* other_side(const reference_base& reference);

/// Tells the collection of the object that is referred to that the reference's owner is in it, or is not any more.
void link(const reference_base& reference);
void unlink(const reference_base& reference) noexcept;

// membership.cpp
/// Before admit(), outside any call: the session's items in the collections of what comes in get another reference,
/// which is writing access: where their values are not known or old they are read first.
void read_before_admission(const session_core& session, object_state& object);

} // namespace wharf::orm
