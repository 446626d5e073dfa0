// Texts of UPDATE and DELETE statements by key. On PostgreSQL every parameter is cast in the text and a guard
// (guard.hpp) fails the statement unless each key matched one row; on SQLite the caller looks at the affected rows.
#pragma once

#include "sql/table_column.hpp"
#include "wharf/connection/driver.hpp"

#include <span>
#include <string>
#include <string_view>

namespace wharf::sql {

/// Where a row is, and what it must be to be changed.
struct row_address {
    std::span<const table_column> key{};
    /// The counter that must have the value given, and is raised by an UPDATE; null: none.
    const table_column* version{nullptr};
};

/// One row. Parameters: the values of `set`, the key, the version that was read. `set` may be empty where there is a
/// version.
[[nodiscard]] std::string update_row(backend kind, std::string_view table, std::span<const table_column> set,
                                     const row_address& where);
/// Any number of rows, on PostgreSQL; the parameters are arrays of one length in the same order. Each key occurs once.
/// Precondition: fit_arrays() of all columns.
[[nodiscard]] std::string update_rows(std::string_view table, std::span<const table_column> set,
                                      const row_address& where);

/// One row. Parameters: the key, the version that was read.
[[nodiscard]] std::string delete_row(backend kind, std::string_view table, const row_address& where);
/// Any number of rows, on PostgreSQL; as update_rows().
[[nodiscard]] std::string delete_rows(std::string_view table, const row_address& where);

} // namespace wharf::sql
