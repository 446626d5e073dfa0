// What a statement does with its parameters, where SQLite says nothing and PostgreSQL would refuse: a number compared
// with text, which finds no rows or, by affinity, others than meant; a decimal that a column of NUMERIC affinity would
// cut to some 15 digits.
#pragma once

#include <cstdint>
#include <vector>

struct sqlite3_stmt;

namespace wharf::sqlite {

struct parameter_use {
    bool compared_with_text{false};
    bool kept_as_number{false};
};

/// Of each parameter, in SQLite's order. It is read from the program that EXPLAIN shows; what that does not show is not
/// found, nothing is found where there is nothing. Source: sqlite.org/opcode.html.
[[nodiscard]] std::vector<parameter_use> uses_of_parameters(sqlite3_stmt* prepared);

} // namespace wharf::sqlite
