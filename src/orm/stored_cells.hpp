// What a row holds in columns whose members cannot give it back: a numeric in a double, JSON in a struct, an array with
// lower bounds. The check of changed columns sends it as it arrived.
#pragma once

#include "wharf/orm/descriptor.hpp"
#include "wharf/row/cell.hpp"
#include "wharf/row/parameters.hpp"
#include "wharf/row/result.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wharf::orm {

class stored_cells {
public:
    /// Replaces what is known of the column.
    void set(std::size_t column, const cell_view& cell);
    void forget(std::size_t column) noexcept;
    [[nodiscard]] bool empty() const noexcept { return cells_.empty(); }
    /// Adds it as a parameter; false when nothing is kept for the column.
    [[nodiscard]] bool add_to(std::size_t column, parameters& out) const;

private:
    struct stored_cell {
        std::size_t column;
        type_oid type;
        std::string bytes;
    };
    [[nodiscard]] std::vector<stored_cell>::const_iterator find(std::size_t column) const noexcept;

    std::vector<stored_cell> cells_{};
};

/// Whether the cell holds values of the type `wire`, if in another width or form of text.
[[nodiscard]] bool same_values(type_oid wire, const cell_view& cell) noexcept;
/// Whether the member, encoded, is the very value that the cell holds.
[[nodiscard]] bool gives_back(const column_descriptor& column, const cell_view& cell) noexcept;
/// The columns of rows of this shape whose cells may have to be kept, so that rows of other columns cost nothing.
[[nodiscard]] std::vector<std::size_t> columns_to_keep(const class_descriptor& type, const result_shape& shape);

/// What a row holds, from its cells. Null when there is nothing to keep.
[[nodiscard]] std::shared_ptr<const stored_cells>
keep_cells(const class_descriptor& type, std::span<const cell_view> cells, std::span<const std::size_t> columns);

} // namespace wharf::orm
