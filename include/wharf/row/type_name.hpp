// Names of the types on the wire, for messages.
#pragma once

#include "wharf/row/type_oid.hpp"

#include <string>

namespace wharf {

/// PostgreSQL's name of the type, such as "int8" or "text[]"; "type 16999" for one that wharf does not know.
[[nodiscard]] std::string name_of(type_oid type);

/// The array type whose elements are `element`; unspecified where wharf knows none.
[[nodiscard]] type_oid array_of(type_oid element) noexcept;

/// The type of the elements of an array type; unspecified where `array` is none.
[[nodiscard]] type_oid element_of(type_oid array) noexcept;

} // namespace wharf
