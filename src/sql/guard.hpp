// The guard: what makes a statement fail in the server when it touched another number of rows than it should have, so
// that the COMMIT behind it in the same round trip does not happen.
//
//   WITH wharf_rows AS (UPDATE ... RETURNING 1)
//   SELECT CASE WHEN count(*) = 1 THEN 0 ELSE ('wharf.row_count:' || count(*) || '/' || 1)::int END FROM wharf_rows
//
// The cast fails with SQLSTATE 22P02 and quotes its text in the message in every language, which no error of the
// user's own looks like by accident, as a division by zero would. PostgreSQL only: SQLite has no data-modifying CTE and
// no round trips, there the caller looks at the affected rows before it commits.
#pragma once

#include "wharf/base/database_error.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wharf::sql {

/// `change` is a data-modifying statement without RETURNING; `expected` an expression for the number of rows. The
/// statement returns the columns `returning` of the changed rows, or when there are none one row of no meaning.
[[nodiscard]] std::string guarded(std::string_view change, std::string_view expected,
                                  std::span<const std::string_view> returning = {});

struct row_count_mismatch {
    std::uint64_t matched{0};
    std::uint64_t expected{0};
};

/// What a guard reported; nothing when the error is no guard's.
[[nodiscard]] std::optional<row_count_mismatch> read_guard(const database_error& error);

} // namespace wharf::sql
