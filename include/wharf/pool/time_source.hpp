// Where a pool reads the time, and takes chance from, so that its tests run in a world of their own.
#pragma once

#include "wharf/base/time.hpp"

#include <cstdint>

namespace wharf {

class time_source {
public:
    virtual ~time_source() = default;
    [[nodiscard]] virtual time_point now() const noexcept = 0;
    /// May lag behind now() by a few milliseconds, and costs a tenth.
    [[nodiscard]] virtual time_point coarse() const noexcept { return now(); }
    /// Where what is left to chance begins: jitter of lifetimes and of back-off.
    [[nodiscard]] virtual std::uint32_t seed() const;
};

/// The monotonic clock. Lives as long as the process.
[[nodiscard]] const time_source& system_time() noexcept;

} // namespace wharf
