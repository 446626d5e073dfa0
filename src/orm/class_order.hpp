// The order of tables: what is referred to first.
#pragma once

#include "wharf/orm/descriptor.hpp"

#include <span>
#include <vector>

namespace wharf::orm {

/// Classes that refer to each other, or one on its own.
struct class_cycle {
    std::vector<const class_descriptor*> members{};
    bool cyclic{false}; ///< the order is a matter of rows
};

/// Every class comes after those that it refers to, except inside a cycle.
[[nodiscard]] std::vector<class_cycle> order_classes(std::span<const class_descriptor* const> classes);

} // namespace wharf::orm
