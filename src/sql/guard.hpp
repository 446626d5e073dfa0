// The guard: what makes a statement fail in the server when it touched another number of rows than it should have, so
// that the COMMIT behind it in the same round trip does not happen.
//
//   WITH wharf_rows AS (UPDATE ... RETURNING 1)
//   SELECT CASE WHEN count(*) = 1 THEN 0 ELSE ('wharf.row_count:' || count(*) || '/' || 1)::int END FROM wharf_rows
//
// The cast fails with SQLSTATE 22P02 and quotes its text in the message in every language, which no error of the
// user's own looks like by accident, as a division by zero would. PostgreSQL only: SQLite has no data-modifying CTE and
// no round trips, there the caller looks at the affected rows before it commits.
//
// A statement that writes columns also answers what the database made of them, of those rows only where that is not
// what was sent: rounded, padded, changed by a trigger. Its rows are
//
//   number of the row, from 1 | whether its columns differ | columns `returning` | columns written, NULL where none
//   differs
//
// all of them where there are columns `returning`, else those that differ. What its member could not hold - NULL, or an
// integer out of range - fails in the server too.
#pragma once

#include "sql/table_column.hpp"
#include "wharf/base/database_error.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::sql {

/// How many columns stand in front of `returning`.
inline constexpr std::size_t answer_head = 2;

/// Of the columns written, those whose values travel a second time, as what they are: a column of a smaller type than
/// theirs has rounded the others to itself before the server could compare.
[[nodiscard]] bool is_sent_again(const table_column& column) noexcept;
[[nodiscard]] std::vector<table_column> sent_again(std::span<const table_column> set);

/// The columns of an answer.
struct answer {
    std::span<const table_column> returning{};
    std::span<const table_column> written{};
    [[nodiscard]] bool empty() const noexcept { return returning.empty() && written.empty(); }
};

/// A data-modifying statement with its guard. `before` are the common table expressions in front of it, each with a
/// comma behind it; `change` has no RETURNING.
struct guarded_change {
    std::string before{};
    std::string change{};
    std::string column_prefix{}; ///< of the table's columns in RETURNING
    std::string row{"1"};        ///< the number of the row, in RETURNING; empty: that of its place among those returned
    std::string expected{"1"};   ///< how many rows there are to be
    bool numbered{false};        ///< rows are numbered by wharf_given.n, so that those that are missing can be told
};

/// `values` are expressions of what was sent, for each column written.
[[nodiscard]] std::string guarded(const guarded_change& what, const answer& wanted,
                                  std::span<const std::string> values = {});

/// What sent_again() has is found at the parameters, or columns c.. of `given`, from `first` on.
[[nodiscard]] std::vector<std::string> values_sent(std::span<const table_column> set, bool arrays,
                                                   std::string_view given = "given");

struct row_count_mismatch {
    std::uint64_t matched{0};
    std::uint64_t expected{0};
    std::vector<std::uint64_t> missing{}; ///< numbers of rows, from 1; at most 20, and none for a single one
};
/// What a guard reported; nothing when the error is no guard's.
[[nodiscard]] std::optional<row_count_mismatch> read_guard(const database_error& error);
/// A column, among `returning` and `written` together, whose value its member could not hold.
struct unfit_value {
    std::size_t place{0};
    bool null{false};
};
[[nodiscard]] std::optional<unfit_value> read_unfit(const database_error& error);

} // namespace wharf::sql
