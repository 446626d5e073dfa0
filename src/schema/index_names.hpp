// The indexes that mappings ask for, and what they are called.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/orm/descriptor.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::schema {

struct planned_index {
    const orm::class_descriptor* type{nullptr};
    std::vector<std::size_t> columns{};
    std::string name{};

    /// "app"."name", as statements spell it.
    [[nodiscard]] std::string quoted_name() const;
};

/// Indexes for indexed columns, and for foreign keys that no other index begins with, class by class. Their names are
/// made of table and columns, table_column_idx, and differ within a schema: where two would meet (a_b.c and a.b_c), all
/// but the one with the shortest table get a hash.
[[nodiscard]] std::vector<planned_index> plan_indexes(std::span<const orm::class_descriptor* const> classes);

/// table_column_column_ending, without the schema, cut to what PostgreSQL keeps of a name.
[[nodiscard]] std::string constraint_name(const orm::class_descriptor& type, std::span<const std::size_t> columns,
                                          std::string_view ending);
/// The name of a foreign key, which no other of the table has.
[[nodiscard]] std::string foreign_key_name(const orm::class_descriptor& type, std::size_t relation);

/// A table's name without its schema.
[[nodiscard]] std::string_view without_schema(std::string_view table) noexcept;

} // namespace wharf::schema
