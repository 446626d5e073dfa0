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

/// Whether select_by_any() takes arrays.
[[nodiscard]] bool looks_up_by_arrays(backend kind, std::span<const table_column> by);

/// The rows with any of `count` values of the columns `by`. Parameters: where looks_up_by_arrays(), an array for each
/// column, and the text is the same for every count; else one value after the other, column by column.
[[nodiscard]] std::string select_by_any(backend kind, std::string_view table, std::span<const std::string_view> columns,
                                        std::span<const table_column> by, std::size_t count,
                                        std::span<const std::string_view> order = {});

} // namespace wharf::sql
