// Values whose bytes differ and that the server may call equal nevertheless: citext, char(n), a collation, the scale of
// a numeric.
#pragma once

#include "wharf/row/cell.hpp"

#include <string>

namespace wharf::orm {

/// Whether a column may have such values: what a text member holds may be citext or char(n).
[[nodiscard]] bool has_likes(type_oid wire) noexcept;

/// The same for all that the server may call equal: without the spaces at the end, and in small letters, of all scripts
/// where the system knows them.
[[nodiscard]] std::string coarse_bytes(const cell_view& cell);

} // namespace wharf::orm
