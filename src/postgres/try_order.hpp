#pragma once

#include "wharf/postgres/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wharf::postgres {

/// The indexes of `count` servers in the order in which they are tried; `seed` decides where it is random.
[[nodiscard]] std::vector<std::size_t> try_order(std::size_t count, host_order order, std::uint64_t seed);

} // namespace wharf::postgres
