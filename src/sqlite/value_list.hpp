// Many values as one parameter: JSON that json_each() takes apart.
#pragma once

#include "wharf/row/parameters.hpp"

#include <span>
#include <string>
#include <vector>

namespace wharf::sqlite {

/// SELECT elements... FROM json_each($n), with `json` as the value of $n, gives the rows of the list.
struct value_list {
    std::string json{};
    /// For each column what makes of an element exactly what binding the value by itself would give: JSON has no blobs,
    /// does not keep every double, and SQLite's ends text at a NUL. Depends on the kind of the values, never on their
    /// number.
    std::vector<std::string> elements{};
};

/// The columns hold as many values each, all of a column being of one type, or NULL. Throws conversion_error.
[[nodiscard]] value_list list_of(std::span<const parameters> columns);

} // namespace wharf::sqlite
