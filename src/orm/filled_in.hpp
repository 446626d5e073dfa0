// What a flush, or the database, has filled into an object whose row is undone.
#pragma once

#include "orm/transaction_state.hpp"

namespace wharf::orm {

/// Its key and the members that the database has filled in are unset, and its references lead where they did, unless
/// they were changed since.
void unset_what_was_filled(const inserted_object& record);

} // namespace wharf::orm
