// Whether a session that has just been opened is one of the kind that was asked for.
#pragma once

#include "postgres/connection.hpp"

#include <string_view>

namespace wharf::postgres {

/// Empty where `session` is what `target` asks for, else why it is not. What the server does not report by itself
/// (before PostgreSQL 14) it is asked. A standby that is only preferred is asked for like one that is needed.
[[nodiscard]] io::op<std::string_view> find_misfit(connection& session, session_target target);

} // namespace wharf::postgres
