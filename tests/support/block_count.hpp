// How much code of the pool and the ORM has run: basic blocks, counted by the compiler's coverage hook, so that a test
// can say how cost grows without a clock. Only in trees that are configured with WHARF_COUNT_BLOCKS.
#pragma once

#include <cstdint>
#include <utility>

namespace wharf::test {

/// So far, on all threads together.
[[nodiscard]] std::uint64_t block_count() noexcept;

template <class Work>
[[nodiscard]] std::uint64_t blocks_of(Work&& work) {
    const auto before = block_count();
    std::forward<Work>(work)();
    return block_count() - before;
}

} // namespace wharf::test
