// What was to be written to rows that others have changed, kept for resolve().
#pragma once

#include "orm/session_parts.hpp"

namespace wharf::orm {

/// All that the unit of work has done to the object, what it has flushed included. Before the rollback.
[[nodiscard]] stale_change change_of(const transaction_state& tx, object_state& object);

} // namespace wharf::orm
