// Parameters, encoded for PostgreSQL, as what SQLite keeps.
#pragma once

#include "wharf/row/cell.hpp"

#include <cstdint>

struct sqlite3_stmt;

namespace wharf::sqlite {

/// Binds one value to SQLite's parameter `index`, from 1; the statement may keep pointing at its bytes. `number` is for
/// messages. Throws conversion_error for types and values that SQLite cannot keep.
void bind_value(sqlite3_stmt* to, int index, std::uint32_t number, const cell_view& value);

} // namespace wharf::sqlite
