// The value that a cell holds.
#pragma once

#include "wharf/row/codec.hpp"

namespace wharf::detail {

/// Throws conversion_error.
template <class T>
[[nodiscard]] T decoded(const cell_view& cell) {
    T value{};
    codec<T>::decode(cell, value);
    return value;
}

} // namespace wharf::detail
