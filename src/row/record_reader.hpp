// The members of a composite value in binary, one after the other.
// Source: PostgreSQL, src/backend/utils/adt/rowtypes.c (record_send).
#pragma once

#include "wharf/row/cell.hpp"

#include <cstddef>
#include <string_view>

namespace wharf::detail {

class record_reader {
public:
    /// Precondition: in binary. Its functions throw conversion_error for malformed values.
    explicit record_reader(const cell_view& record);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The next one, of the type as which it is read. Precondition: there is one.
    [[nodiscard]] cell_view next();
    void expect_end() const;

private:
    const cell_view* record_;
    std::string_view rest_;
    std::size_t size_{0};
};

} // namespace wharf::detail
