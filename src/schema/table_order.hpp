// The order in which tables are made.
#pragma once

#include "wharf/orm/descriptor.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace wharf::schema {

struct table_order {
    /// Each class once; a class comes after those that its belongs_to relations point to, as far as possible.
    std::vector<const orm::class_descriptor*> classes{};
    /// Relations that point to a class later in the order: the class, and the relation's index in it.
    std::vector<std::pair<const orm::class_descriptor*, std::size_t>> forward{};
};

[[nodiscard]] table_order order_tables(std::span<const orm::class_descriptor* const> classes);

} // namespace wharf::schema
