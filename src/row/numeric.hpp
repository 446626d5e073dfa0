// PostgreSQL's numeric on the wire.
// Source: PostgreSQL, src/backend/utils/adt/numeric.c (numeric_send, numeric_recv).
#pragma once

#include "wharf/row/cell.hpp"

#include <string>

namespace wharf::detail {

/// The decimal digits of a numeric, such as "-12.50", "NaN", "Infinity". Refuses malformed ones.
[[nodiscard]] std::string numeric_text(const cell_view& cell);

} // namespace wharf::detail
