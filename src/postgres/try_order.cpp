#include "postgres/try_order.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace wharf::postgres {

std::vector<std::size_t> try_order(std::size_t count, host_order order, std::uint64_t seed) {
    std::vector<std::size_t> indexes(count);
    std::iota(indexes.begin(), indexes.end(), std::size_t{0});
    if (order == host_order::random) std::ranges::shuffle(indexes, std::mt19937_64(seed));
    return indexes;
}

} // namespace wharf::postgres
