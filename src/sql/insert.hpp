// Texts of INSERT statements. On PostgreSQL a guard (guard.hpp) fails the statement when a trigger dropped a row, and
// answers what became of the values.
#pragma once

#include "sql/table_column.hpp"
#include "wharf/connection/driver.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wharf::sql {

/// Whether values may be given to a column that is GENERATED ALWAYS AS IDENTITY. PostgreSQL only.
enum class identity_values : std::uint8_t { refused, taken };

/// One row. Parameters: a value for each column, in their order, and on PostgreSQL once more those that sent_again()
/// names; without columns a row of defaults. Answers as guard.hpp says; on SQLite only the columns `returning`.
[[nodiscard]] std::string insert_row(backend kind, std::string_view table, std::span<const table_column> columns,
                                     std::span<const table_column> returning = {},
                                     identity_values identity = identity_values::refused);

/// Any number of rows, on PostgreSQL. Parameters: an array for each column (array_parameter.hpp), all of one length.
/// The rows are inserted in the order of the arrays. Precondition: fit_arrays(columns).
[[nodiscard]] std::string insert_rows(std::string_view table, std::span<const table_column> columns,
                                      std::span<const table_column> returning = {},
                                      identity_values identity = identity_values::refused);

/// As many keys as the only parameter, an int4, says, from the sequence of a serial or identity column; on PostgreSQL.
/// A column without a sequence gives NULLs.
[[nodiscard]] std::string next_keys(std::string_view table, std::string_view column);

} // namespace wharf::sql
