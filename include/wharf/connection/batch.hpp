// Looking at what became of a batch.
#pragma once

#include "wharf/connection/driver.hpp"

#include <exception>
#include <span>

namespace wharf {

/// Throws the first error of a batch that has run; those of the items behind it only say that it was there.
inline void throw_first_error(std::span<const batch_item> items) {
    for (const auto& item : items) {
        if (item.error) std::rethrow_exception(item.error);
    }
}

} // namespace wharf
