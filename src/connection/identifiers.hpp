// Names in statements: always quoted, so that none needs to be known to be no keyword.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wharf {

/// "name"
void append_identifier(std::string& out, std::string_view name);
/// "table" or "schema"."table" of table or schema.table. A name that holds a dot is given in quotes, as SQL has it:
/// "my.table", or public."my ""own"" table".
void append_table(std::string& out, std::string_view table);
/// Whether a text is a table's name alone: no white space and no parentheses but in quotes.
[[nodiscard]] bool is_table_name(std::string_view text) noexcept;
/// "a", "b"
void append_identifiers(std::string& out, std::span<const std::string_view> names);

} // namespace wharf
