// Keys that are taken from their sequences before anything is written, so that rows which need them travel in the same
// trip. PostgreSQL only.
#pragma once

#include "orm/step_statement.hpp"

#include <functional>
#include <vector>

namespace wharf::orm {

/// Chooses whose keys they are: those of rows that other rows need, where there may be a sequence.
void choose_keys_ahead(flush_plan& plan, const std::function<bool(const class_descriptor&)>& may_have_sequence);

/// Takes them, in one trip, which also prepares the statements of the steps. A table that turns out to have no sequence
/// (a view, a child of INHERITS) gets its rows without keys, and the steps change: then true.
[[nodiscard]] io::op<bool> fetch_keys(session_parts& parts, flush_plan& plan,
                                      const std::vector<step_statement>& statements);

/// Rows of the class are inserted without a key, which comes back.
void leave_keys_to_database(flush_plan& plan, const class_descriptor& type);

} // namespace wharf::orm
