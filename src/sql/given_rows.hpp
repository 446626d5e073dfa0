// What a statement for many rows is given.
#pragma once

#include "sql/table_column.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace wharf::sql {

/// The array parameters of a statement, as the rows of wharf_given: c1, c2, ... and their number n, from 1.
class given_rows {
public:
    void add(std::string_view table, std::span<const table_column> columns);
    void add(std::string_view table, std::span<const expected_column> columns);
    /// Values that are what they are, and not of the column's type.
    void add_as_they_are(std::span<const table_column> columns);

    /// The common table expression, with a comma behind it.
    [[nodiscard]] std::string text() const;

private:
    std::size_t next();

    std::string arrays_{};
    std::size_t count_{0};
};

inline constexpr std::string_view number_of_given = "(SELECT count(*) FROM wharf_given)";

} // namespace wharf::sql
