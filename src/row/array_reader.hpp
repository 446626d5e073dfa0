// PostgreSQL's binary arrays of one dimension.
#pragma once

#include "wharf/row/cell.hpp"

#include <cstddef>

namespace wharf::detail {

/// Walks over the elements. The header is checked when it is made, each element when it is reached; both refuse what
/// does not fit into the bytes that are there.
class array_reader {
public:
    /// Refuses arrays of several dimensions and malformed ones.
    explicit array_reader(const cell_view& cell);

    /// The number of elements; at most one for each four bytes of the cell.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] type_oid element_type() const noexcept { return element_; }
    /// The bytes of the elements that were not read yet, lengths included.
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
    /// The next element. Precondition: fewer than size() were read.
    [[nodiscard]] cell_view next();
    /// Refuses bytes behind the last element.
    void expect_end() const;

private:
    const cell_view* cell_;
    std::string_view rest_;
    type_oid element_{type_oid::unspecified};
    std::size_t size_{0};
};

} // namespace wharf::detail
