// Many values of one type as one parameter.
#pragma once

#include "wharf/row/parameters.hpp"

namespace wharf::sql {

/// Adds an array of the values, which are of one type, or NULL. Precondition: there is an array type for
/// it, see array_of().
void add_array_parameter(parameters& out, const parameters& values);

} // namespace wharf::sql
