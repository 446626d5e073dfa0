// Texts of UPDATE and DELETE statements by key. On PostgreSQL a guard (guard.hpp) fails the statement unless each key
// matched one row that was as expected; on SQLite the caller looks at the affected rows.
//
// Many rows are locked in the order of their keys before the first of them is written: UPDATE ... FROM goes through
// them in the order of the heap, and two sessions that change the same rows would wait for each other.
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
    /// Whether the counter is looked at; it is raised all the same.
    bool check_version{true};
    /// Only of an UPDATE.
    std::span<const expected_column> expected{};
};

/// What an UPDATE changes, and what it answers.
struct row_change {
    std::span<const table_column> set{}; ///< may be empty where there is a version
    /// Columns that come back from every row.
    std::span<const table_column> returning{};
};

/// Parameters: the values of `set`; once more those of them that sent_again() names; the key; the version that was
/// read; what is expected. Answers as guard.hpp says; on SQLite only the columns `returning`.
[[nodiscard]] std::string update_row(backend kind, std::string_view table, const row_change& change,
                                     const row_address& where);
/// Any number of rows, on PostgreSQL; the parameters are arrays of one length in the same order. Each key occurs once.
/// Precondition: fit_arrays() of all columns.
[[nodiscard]] std::string update_rows(std::string_view table, const row_change& change, const row_address& where);

/// Adds to a column, whatever it holds. Parameters: what is added, the key. Returns the column, and the version, which
/// is raised, if there is one.
[[nodiscard]] std::string increment_row(backend kind, std::string_view table, const table_column& column,
                                        const row_address& where);

/// One row. Parameters: the key, the version that was read.
[[nodiscard]] std::string delete_row(backend kind, std::string_view table, const row_address& where);
/// Any number of rows, on PostgreSQL; as update_rows().
[[nodiscard]] std::string delete_rows(std::string_view table, const row_address& where);

} // namespace wharf::sql
