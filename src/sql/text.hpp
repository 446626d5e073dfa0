// The smallest parts of a statement's text.
#pragma once

#include "connection/identifiers.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/row/type_oid.hpp"
#include "wharf/sql/select_statement.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace wharf::sql {

using wharf::append_identifier;
using wharf::append_table;

/// "table" or "schema"."table".
[[nodiscard]] std::string quoted_table(std::string_view table);
/// What makes SQLite compare the column in front of it by value, as decimals are.
inline constexpr std::string_view decimal_collation = " COLLATE wharf_decimal";

/// 'text'
void append_literal(std::string& out, std::string_view text);
/// $3
void append_placeholder(std::string& out, std::size_t number);

/// The name of a type in CREATE TABLE, and on PostgreSQL in casts. Throws configuration_error for a type that wharf has
/// no name for.
[[nodiscard]] std::string_view type_name(backend kind, type_oid type);
/// $3::bigint, or $3::bigint[]; without a cast where the type has no name. PostgreSQL only.
void append_cast_placeholder(std::string& out, std::size_t number, type_oid type, bool array = false);

/// FOR UPDATE and the like; nothing on SQLite.
void append_lock(std::string& out, backend kind, row_lock lock);

} // namespace wharf::sql
