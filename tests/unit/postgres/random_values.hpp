// SQL expressions of random values, of every type that has a C++ type or arrives as text.
#pragma once

#include "wharf/row/cell.hpp"
#include "wharf/row/parameters.hpp"

#include <random>
#include <span>
#include <string>
#include <string_view>

namespace wharf::test {

using random_source = std::mt19937_64;

struct random_type {
    std::string_view name; ///< as a cast wants it
    /// An expression of that type. Small values fit into arrays of money, too.
    std::string (*expression)(random_source& random);
    /// Reads the cell into the C++ type, adds it as a parameter, and gives the text of what was added.
    std::string (*read)(const cell_view& cell, parameters& out);
    /// The same for an array of the type.
    std::string (*read_array)(const cell_view& cell, parameters& out);
};

[[nodiscard]] std::span<const random_type> random_types() noexcept;

/// An array of one or two dimensions, with NULL or with indexes that do not start at 1.
[[nodiscard]] std::string random_array(const random_type& of, random_source& random);

} // namespace wharf::test
