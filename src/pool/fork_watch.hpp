// Noticing that the process is a child made by fork(2).
#pragma once

#include <cstdint>

namespace wharf::detail {

/// Differs between a process and the children it forks. Costs one load.
[[nodiscard]] std::uint64_t process_generation() noexcept;

} // namespace wharf::detail
