// Making a connection as good as new for its next borrower, without losing its prepared statements.
//
// The reset is a group of its own in front of the borrower's first batch, in the same write. It ends by making the
// statement `reset_names::guard`; every group behind it asks for that statement first. So if the reset fails, nothing
// of the batch is run.
#pragma once

#include "postgres/request_writer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wharf::postgres {

/// What its statements are called, on one connection.
struct reset_names {
    explicit reset_names(const std::string& prefix)
        : unlock(prefix + "reset_unlock"), check(prefix + "reset_check"), guard(prefix + "reset_done") {}

    std::string unlock;
    std::string check;
    std::string guard;
};

/// What became of the last reset of this connection: it says which of the reset's statements the server has.
enum class last_reset : std::uint8_t {
    none,   ///< there was none, and the server has none of them
    done,   ///< it has all of them
    failed, ///< any
};

/// Undoes, for the whole of the session: role and settings, cursors, LISTEN, advisory locks, temporary tables, the
/// state of sequences. Its queries are prepared unless the last one was done; planning them takes longer than all the
/// rest. It fails with undefined_statement when they have been dropped since, and with division_by_zero when there are
/// SQL-level prepared statements: see leaked_statements.
/// A statement that cannot be there is not closed: Pgpool-II answers that out of turn.
void write_reset(request_writer& writer, const reset_names& names, last_reset last);
/// The same without statements that have a name, and so without the guard: nothing may be sent behind it before its
/// answer has come.
void write_unnamed_reset(request_writer& writer);

inline constexpr std::string_view undefined_statement = "26000";
inline constexpr std::string_view division_by_zero = "22012";
inline constexpr std::string_view query_cancelled = "57014";

/// The names of SQL-level prepared statements, each quoted as an identifier.
inline constexpr std::string_view leaked_statements =
    "SELECT pg_catalog.quote_ident(name) FROM pg_catalog.pg_prepared_statements WHERE from_sql";

} // namespace wharf::postgres
