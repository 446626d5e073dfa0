// What is compared after each end of a transaction or savepoint.
#pragma once

#include "unit/orm/model/play.hpp"

namespace orm_model {

/// Members, keys of references, states, contains() and is_modified() of all objects. Throws difference.
void compare_objects(play& in);
/// What references lead to and collections hold, loading what is not loaded; with `loaded_only` no SQL is sent.
void compare_relations(play& in, bool loaded_only);
/// The rows as somebody else sees them.
void compare_rows(play& in);

} // namespace orm_model
