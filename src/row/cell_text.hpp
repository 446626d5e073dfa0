// Any value as PostgreSQL writes it in text.
#pragma once

#include "wharf/row/cell.hpp"

#include <string>

namespace wharf::detail {

/// Appends what the server's output function writes, with DateStyle ISO, IntervalStyle postgres, TimeZone UTC and
/// extra_float_digits 1; money without a currency. Elements and bounds are written as their types are. False, and
/// nothing to be relied on appended, for types that wharf does not know in binary. Throws conversion_error for
/// malformed values. Precondition: not NULL.
[[nodiscard]] bool append_text(const cell_view& cell, std::string& out);

/// The same for a composite value in binary.
[[nodiscard]] bool append_record(const cell_view& cell, std::string& out);
/// The same for the extensions whose types have numbers of wharf's own: hstore, vectors.
[[nodiscard]] bool append_extension_text(const cell_view& cell, std::string& out);

} // namespace wharf::detail
