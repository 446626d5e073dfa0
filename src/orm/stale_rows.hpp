// What a flush that met rows changed by others tells of them.
#pragma once

#include "orm/flush_plan.hpp"

#include <exception>

namespace wharf::orm {

/// Keeps what was to be written to the stale rows, for resolve(), rolls the transaction back on its connection and
/// looks there what the rows hold now. Returns `error` with all that; as it is where nothing could be looked up.
[[nodiscard]] io::op<std::exception_ptr> tell_of_stale_rows(session_parts& parts, const flush_plan& plan,
                                                            std::exception_ptr error);

} // namespace wharf::orm
