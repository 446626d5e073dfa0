// The parking spot of a thread.
#pragma once

#include "wharf/base/time.hpp"
#include "wharf/io/request.hpp"

#include <atomic>
#include <cstdint>

namespace wharf::io {

/// Parks a thread on a futex. A stop request may interrupt the wait without unparking the spot.
class futex_spot final : public parking_spot {
public:
    /// Waits until unparked or interrupted, or until `deadline`; false when the deadline passed first.
    bool wait_until(time_point deadline);
    /// Makes the wait return as if unparked. Any thread.
    void interrupt() noexcept;

private:
    void on_unpark() override { interrupt(); }

    std::atomic<std::uint32_t> woken_{0};
};

} // namespace wharf::io
