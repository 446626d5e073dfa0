// What kind of statement a text is, by its first words: as much as transactions need to know.
#pragma once

#include <cstdint>
#include <string_view>

namespace wharf {

enum class statement_verb : std::uint8_t {
    read,        ///< SELECT, VALUES, TABLE, SHOW: has nothing to commit, as far as can be told
    begin,       ///< BEGIN, START TRANSACTION
    commit,      ///< COMMIT, END, PREPARE TRANSACTION: a failed transaction answers it by ROLLBACK
    rollback,    ///< ROLLBACK, ABORT
    rollback_to, ///< ROLLBACK TO SAVEPOINT
    savepoint,   ///< SAVEPOINT
    release,     ///< RELEASE SAVEPOINT
    procedure,   ///< CALL, DO: may commit by itself, and what was in front of it
    other,
};

/// Leading white space, comments and parentheses are skipped.
[[nodiscard]] statement_verb verb_of(std::string_view sql) noexcept;
/// Whether the first word is COPY.
[[nodiscard]] bool is_copy_statement(std::string_view sql) noexcept;
/// Whether it is a COPY that wants data.
[[nodiscard]] bool copies_from_stdin(std::string_view sql) noexcept;

} // namespace wharf
