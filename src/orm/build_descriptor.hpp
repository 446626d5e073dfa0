// From a mapping as its author wrote it to the descriptor that the ORM works on.
#pragma once

#include "wharf/orm/describe.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace wharf::orm {

/// What a foreign key has to know of a column that it refers to.
struct key_column {
    std::string_view name{};
    type_oid wire{type_oid::unspecified};
};

[[nodiscard]] std::vector<key_column> key_columns_of(const class_descriptor& target);
[[nodiscard]] std::vector<key_column> key_columns_of(const mapping_view& target);

/// The key columns of a class by its tag, none when the class is not known.
using key_lookup = std::function<std::vector<key_column>(tag)>;

/// A descriptor that also owns the names that were made for it.
using owned_descriptor = std::unique_ptr<class_descriptor, void (*)(class_descriptor*)>;

/// Throws configuration_error.
[[nodiscard]] owned_descriptor build_descriptor(const mapping_view& view, const key_lookup& key_of_target);

/// Writes into the relations of a class what they point to, as far as it is known.
void resolve_targets(class_descriptor& type, const std::function<const class_descriptor*(tag)>& find);
/// Finds their other sides. Precondition: their targets are resolved.
void resolve_other_sides(class_descriptor& type);
/// The place of a relation's other side among the relations of its target, or no_other_side or several_other_sides.
[[nodiscard]] int find_other_side(const class_descriptor& type, std::size_t relation, const class_descriptor& target);

} // namespace wharf::orm
