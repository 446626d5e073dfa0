// Whether a statement may leave something behind that other connections feel, as far as its text tells.
#pragma once

#include <string_view>

namespace wharf {

/// A session's advisory lock, LISTEN, a temporary table. False only for what cannot: SELECT, INSERT, UPDATE, DELETE and
/// the like that call no function but PostgreSQL's own harmless ones, transaction statements, SET. What functions
/// behind triggers, views and operators do is not seen.
[[nodiscard]] bool leaves_traces(std::string_view sql) noexcept;

} // namespace wharf
