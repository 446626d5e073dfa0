// What PRAGMA can change for a connection alone: remembered when it is new, put back when its borrower has changed it.
#pragma once

#include <string>
#include <vector>

namespace wharf::sqlite {

class database;

class session_settings {
public:
    /// Reads all of them. Throws database_error.
    void remember(database& from);
    /// Throws database_error.
    void restore(database& to) const;

private:
    std::vector<std::string> statements_{}; // PRAGMA name = value
};

} // namespace wharf::sqlite
