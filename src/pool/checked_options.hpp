// Checking a pool's settings.
#pragma once

#include "wharf/pool/pool_options.hpp"

namespace wharf::detail {

/// Fills in what is empty and lowers sizes to `connection_limit` (0: none). Throws configuration_error.
[[nodiscard]] pool_options checked(pool_options options, std::size_t connection_limit);

} // namespace wharf::detail
