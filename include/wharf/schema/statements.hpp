// The DDL of mapped classes, as text.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/orm/descriptor.hpp"

#include <span>
#include <string>
#include <vector>

namespace wharf {

/// The statements that make the tables of these classes, with keys, constraints and indexes, in an order in which they
/// can run. Each does nothing where what it makes is there already. Tables come after those that they refer to; where
/// that goes in circles, PostgreSQL gets the foreign key that closes the circle afterwards, and SQLite, which does not
/// mind, at once. A foreign key to a class that is not listed needs that class's table to be there.
/// Throws configuration_error for a column that the backend has no type for or cannot generate.
[[nodiscard]] std::vector<std::string> create_table_statements(std::span<const orm::class_descriptor* const> classes,
                                                               backend kind);

/// The statements that drop the tables of these classes, those that refer to others first. Each does nothing where
/// there is no such table. A table that something else in the database depends on stays, with the server's error.
[[nodiscard]] std::vector<std::string> drop_table_statements(std::span<const orm::class_descriptor* const> classes,
                                                             backend kind);

} // namespace wharf
