#include "support/block_count.hpp"

namespace {
std::uint64_t blocks = 0;
} // namespace

// Called at the beginning of each block by code that is compiled with -fsanitize-coverage=trace-pc. Builtins, since the
// linker may take the functions of std::atomic from such code. Beside other threads the count is an estimate.
extern "C" void __sanitizer_cov_trace_pc() {
    __atomic_store_n(&blocks, __atomic_load_n(&blocks, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

namespace wharf::test {

std::uint64_t block_count() noexcept {
    return __atomic_load_n(&blocks, __ATOMIC_RELAXED);
}

} // namespace wharf::test
