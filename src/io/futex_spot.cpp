#include "io/futex_spot.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

namespace wharf::io {

bool futex_spot::wait_until(time_point deadline) {
    static_assert(sizeof woken_ == sizeof(std::uint32_t));
    // FUTEX_WAIT_BITSET takes an absolute time on the monotonic clock, which is steady_clock's.
    timespec moment{};
    if (deadline != never) {
        const auto since = deadline.time_since_epoch();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
        moment.tv_sec = seconds.count();
        moment.tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count();
    }
    while (woken_.load(std::memory_order_acquire) == 0) {
        const auto result = ::syscall(SYS_futex, &woken_, FUTEX_WAIT_BITSET_PRIVATE, 0U,
                                      deadline == never ? nullptr : &moment, nullptr, FUTEX_BITSET_MATCH_ANY);
        if (result == -1 && errno == ETIMEDOUT) return woken_.load(std::memory_order_acquire) != 0;
    }
    return true;
}

void futex_spot::interrupt() noexcept {
    woken_.store(1, std::memory_order_release);
    ::syscall(SYS_futex, &woken_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

} // namespace wharf::io
