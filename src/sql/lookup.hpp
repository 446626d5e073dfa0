// Texts of SELECT statements by key: of the table itself, or of another one (a foreign key). Parameters are as
// table_column.hpp says.
#pragma once

#include "sql/table_column.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/sql/select_statement.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace wharf::sql {

/// The rows with one value of the columns `by`. Parameters: that value, column by column.
[[nodiscard]] std::string select_by(backend kind, std::string_view table, std::span<const std::string_view> columns,
                                    std::span<const table_column> by, std::span<const std::string_view> order = {},
                                    row_lock lock = row_lock::none);

/// The rows with any of the values of the columns `by`: for each of these, `values` has as many parameters. They become
/// arrays, or one list in JSON on SQLite, so that the text is the same for every count; but on PostgreSQL columns of
/// types without arrays have a placeholder for each value.
[[nodiscard]] rendered_statement select_by_any(backend kind, std::string_view table,
                                               std::span<const std::string_view> columns,
                                               std::span<const table_column> by, std::span<const parameters> values,
                                               std::span<const std::string_view> order = {});

} // namespace wharf::sql
