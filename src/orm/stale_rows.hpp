// What a flush that met rows changed by others tells of them.
#pragma once

#include "orm/flush_plan.hpp"

#include <exception>

namespace wharf::orm {

/// Whether the same work, from fresh reads, may succeed: the session read these rows in this transaction, and has not
/// run SQL of its own since that may have changed them.
[[nodiscard]] bool was_read_in_this_try(const transaction_state& tx, const std::vector<entity_base>& objects);

/// Rolls the transaction back on its connection, looks there which rows of the plan are stale and what they hold now,
/// and keeps for resolve() what was to be written to them. Returns `error` with all that; as it is where nothing could
/// be looked up.
[[nodiscard]] io::op<std::exception_ptr> tell_of_stale_rows(session_parts& parts, flush_plan& plan,
                                                            std::exception_ptr error);

} // namespace wharf::orm
