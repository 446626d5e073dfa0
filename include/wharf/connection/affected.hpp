// What a statement without rows yields.
#pragma once

#include <cstdint>

namespace wharf {

struct affected {
    std::uint64_t rows{0}; ///< inserted, updated or deleted, as the backend counts them
};

} // namespace wharf
