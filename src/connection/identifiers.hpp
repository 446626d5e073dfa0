// Names in statements: always quoted, so that none needs to be known to be no keyword.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wharf {

/// "name"
void append_identifier(std::string& out, std::string_view name);
/// "table" or "schema"."table".
void append_table(std::string& out, std::string_view table);
/// "a", "b"
void append_identifiers(std::string& out, std::span<const std::string_view> names);

} // namespace wharf
