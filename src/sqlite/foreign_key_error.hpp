// Which foreign key was broken, by which row: SQLite only says that one was. It is found by doing it again with the
// check put off, looking at what is broken then, and undoing that.
#pragma once

#include "sqlite/database.hpp"
#include "sqlite/statement.hpp"

#include <exception>
#include <string_view>

namespace wharf::sqlite {

/// The error of a statement that has just failed by a foreign key and still has its values; its effects are undone, but
/// for a COMMIT, which leaves its transaction open. Says what PostgreSQL says: table, constraint, and as a detail the
/// key. Where that would take reading very much, it says what SQLite does.
[[nodiscard]] std::exception_ptr foreign_key_error(database& on, statement& failed, std::string_view sql);
/// The error of a COMMIT.
[[nodiscard]] std::exception_ptr foreign_key_error(database& on, std::string_view commit);

} // namespace wharf::sqlite
