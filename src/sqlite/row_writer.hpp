// Rows of SQLite in the one row format.
#pragma once

#include <cstddef>

struct sqlite3_stmt;

namespace wharf {
class result;
}

namespace wharf::sqlite {

/// Adds the row at which the statement stands to a tagged result, and says how many bytes it takes.
std::size_t write_row(sqlite3_stmt* from, result& to);

} // namespace wharf::sqlite
