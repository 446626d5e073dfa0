// SQLite's result codes and messages as the errors that PostgreSQL would report, by SQLSTATE.
// Source: sqlite.org/rescode.html; PostgreSQL documentation, appendix A.
#pragma once

#include <exception>
#include <string_view>

struct sqlite3;

namespace wharf::sqlite {

/// The error of the last call on `handle`, which returned `code` (extended), while it ran `sql`.
[[nodiscard]] std::exception_ptr make_error(sqlite3* handle, int code, std::string_view sql);

/// An error that the driver finds itself.
[[nodiscard]] std::exception_ptr make_error(std::string_view sqlstate, std::string_view message, std::string_view sql);

/// Whether the last call, which returned `code`, broke a foreign key; SQLite keeps to itself which.
[[nodiscard]] bool is_foreign_key_failure(sqlite3* handle, int code) noexcept;

/// Whether the connection is not to be used after this code: I/O errors and damaged files.
[[nodiscard]] bool is_fatal(int code) noexcept;

} // namespace wharf::sqlite
