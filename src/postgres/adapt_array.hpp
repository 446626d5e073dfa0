// An array, changed element by element into the type that a statement wants.
#pragma once

#include "postgres/adapt_scalar.hpp"
#include "wharf/row/user_types.hpp"

namespace wharf::postgres {

/// As adapt_value, for arrays. Where the elements cannot be changed in binary, the array is written as text:
/// '{1,2,NULL}'.
[[nodiscard]] adaptation adapt_array(const user_types* types, type_oid given, std::string_view bytes, type_oid wanted,
                                     std::string& out);

} // namespace wharf::postgres
