// Making a connection as good as new for its next borrower, without losing its prepared statements.
//
// The reset is a group of its own in front of the borrower's first batch, in the same write. It ends by making the
// statement `reset_guard`; every group behind it asks for that statement first. So if the reset fails, nothing of the
// batch is run.
#pragma once

#include "postgres/request_writer.hpp"

#include <string_view>

namespace wharf::postgres {

inline constexpr std::string_view reset_guard = "wharf_reset_done";

/// Undoes, for the whole of the session: role and settings, cursors, LISTEN, advisory locks, temporary tables, the
/// state of sequences. Its queries are prepared with `prepare_queries`, once per connection; planning them takes longer
/// than all the rest. It fails with undefined_statement when they have been dropped since, and with division_by_zero
/// when there are SQL-level prepared statements: see leaked_statements.
void write_reset(request_writer& writer, bool prepare_queries);

inline constexpr std::string_view undefined_statement = "26000";
inline constexpr std::string_view division_by_zero = "22012";

/// The names of SQL-level prepared statements, each quoted as an identifier.
inline constexpr std::string_view leaked_statements =
    "SELECT pg_catalog.quote_ident(name) FROM pg_catalog.pg_prepared_statements WHERE from_sql";

} // namespace wharf::postgres
