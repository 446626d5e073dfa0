// Whether PostgreSQL can check a unique constraint when a transaction ends.
#pragma once

#include "orm/flush_plan.hpp"

#include <vector>

namespace wharf::orm {

/// Those of the columns on which every unique constraint is deferrable. One query each.
[[nodiscard]] io::op<std::vector<unique_columns>> find_deferrable(session_parts& parts,
                                                                  std::vector<unique_columns> asked);

} // namespace wharf::orm
