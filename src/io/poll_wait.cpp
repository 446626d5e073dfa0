#include "io/poll_wait.hpp"

#include <cerrno>
#include <ctime>
#include <system_error>

namespace wharf::io {
namespace {

timespec until(time_point deadline) noexcept {
    const auto left = std::max(deadline - clock::now(), duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timespec span{};
    span.tv_sec = seconds.count();
    span.tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds).count();
    return span;
}

} // namespace

int poll_until(std::span<pollfd> entries, time_point deadline) {
    for (;;) {
        timespec span{};
        if (deadline != never) span = until(deadline);
        const int ready = ::ppoll(entries.data(), entries.size(), deadline == never ? nullptr : &span, nullptr);
        if (ready >= 0) return ready;
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "ppoll");
    }
}

} // namespace wharf::io
