// Just enough of SQL's shape to know what kind of command a text is.
#pragma once

#include <string>
#include <string_view>

namespace wharf::sqlite {

/// The first word, in upper case; what precedes it of white space and comments is passed over. Empty where there is
/// none.
[[nodiscard]] std::string first_keyword(std::string_view sql);

/// Whether there is nothing but white space, comments and semicolons.
[[nodiscard]] bool is_blank(std::string_view sql);

/// COMMIT, END, and ROLLBACK without TO.
[[nodiscard]] bool ends_transaction(std::string_view sql);

/// False for what begins or ends transactions, and for what SQLite refuses or ignores inside one.
[[nodiscard]] bool may_run_in_transaction(std::string_view sql);

} // namespace wharf::sqlite
