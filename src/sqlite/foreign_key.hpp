// The foreign keys of a database's tables, as its schema has them.
#pragma once

#include "sqlite/database.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wharf::sqlite {

struct foreign_key {
    std::string table{};
    std::string parent{};
    std::string number{};     ///< what PRAGMA foreign_key_check calls it
    std::string constraint{}; ///< its name, or else the one that PostgreSQL would give it
    std::vector<std::string> from{};
    std::vector<std::string> to{};
};

/// Those of the main database. Throws database_error.
[[nodiscard]] std::vector<foreign_key> foreign_keys_of(database& in);

/// The names of the foreign keys in a CREATE TABLE statement, in its order; empty where one has none.
[[nodiscard]] std::vector<std::string> constraint_names(std::string_view create_table);

} // namespace wharf::sqlite
