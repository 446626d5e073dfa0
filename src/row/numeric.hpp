// PostgreSQL's numeric, as far as it is needed to read one.
// Source: PostgreSQL, src/backend/utils/adt/numeric.c (numeric_send).
#pragma once

#include "wharf/row/cell.hpp"

#include <string>

namespace wharf::detail {

/// The decimal digits of a numeric, such as "-12.50", "NaN", "Infinity". Refuses malformed ones, and those of more than
/// 131,072 digits before or 16,383 after the point, which the type does not allow either.
[[nodiscard]] std::string numeric_text(const cell_view& cell);

} // namespace wharf::detail
