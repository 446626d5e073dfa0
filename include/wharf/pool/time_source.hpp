// Where a pool reads the time, so that its tests run in a time of their own.
#pragma once

#include "wharf/base/time.hpp"

namespace wharf {

class time_source {
public:
    virtual ~time_source() = default;
    [[nodiscard]] virtual time_point now() const noexcept = 0;
    /// May lag behind now() by a few milliseconds, and costs a tenth.
    [[nodiscard]] virtual time_point coarse() const noexcept { return now(); }
};

/// The monotonic clock. Lives as long as the process.
[[nodiscard]] const time_source& system_time() noexcept;

} // namespace wharf
