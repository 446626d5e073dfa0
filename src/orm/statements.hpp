// Statements for the rows of a class, with their parameters.
#pragma once

#include "sql/table_column.hpp"
#include "wharf/orm/descriptor.hpp"
#include "wharf/orm/key_value.hpp"
#include "wharf/orm/session_options.hpp"
#include "wharf/sql/select_statement.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace wharf::orm {

[[nodiscard]] std::vector<std::string_view> column_names(const class_descriptor& type);
[[nodiscard]] sql::table_column table_column_of(const class_descriptor& type, std::size_t column) noexcept;
[[nodiscard]] std::vector<sql::table_column> key_table_columns(const class_descriptor& type);

/// All columns of the row with this key.
[[nodiscard]] sql::rendered_statement select_by_key(backend kind, const class_descriptor& type, const key_value& key,
                                                    lock locking = lock::none);
/// All columns of the rows with these keys.
[[nodiscard]] sql::rendered_statement select_by_keys(backend kind, const class_descriptor& type,
                                                     std::span<const key_value> keys);
/// All columns of the rows whose reference has one of these keys, in the order of their own keys.
[[nodiscard]] sql::rendered_statement select_by_reference(backend kind, const class_descriptor& type,
                                                          const relation_descriptor& reference,
                                                          std::span<const key_value> keys);

} // namespace wharf::orm
