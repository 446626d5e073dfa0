// SQL's patterns as PostgreSQL matches them: SQLite's own LIKE ignores the case of ASCII letters, ends at a NUL, and
// can only be changed for a whole connection, raw statements of its users included.
#pragma once

#include <string_view>

namespace wharf::sqlite {

/// Whether all of `text` matches: `%` is any text, `_` one character (of UTF-8; a byte that is none counts as one), a
/// backslash makes the next one mean itself. `any_case`: ASCII letters match in either case, other letters do not.
/// A backslash at the end matches nothing.
[[nodiscard]] bool matches(std::string_view text, std::string_view pattern, bool any_case) noexcept;

} // namespace wharf::sqlite
