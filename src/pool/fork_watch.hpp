// Noticing that the process is a child made by fork(2).
#pragma once

#include <atomic>
#include <cstdint>

namespace wharf::detail {

extern std::atomic<std::uint64_t> forks;

/// Differs between a process and the children it forks. Costs one load.
[[nodiscard]] inline std::uint64_t process_generation() noexcept {
    return forks.load(std::memory_order_relaxed);
}

/// Throws usage_error in a child of the process in which `what` was made.
void require_process(std::uint64_t generation, const char* what);

} // namespace wharf::detail
