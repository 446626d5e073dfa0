// Sees at once when the other side ends a connection that nobody uses.
//
// One epoll set for the pool, in which each socket is registered once, edge-triggered and for nothing but its end: what
// a borrower reads and writes wakes nobody. One op in the background waits for the set.
#pragma once

#include "io/bell.hpp"
#include "wharf/io/descriptor.hpp"

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wharf::detail {

class idle_watch {
public:
    /// Throws std::system_error.
    idle_watch();

    /// Reports `number` once the socket's peer has ended the connection, and then never again. Without memory, or room
    /// in the kernel's tables, it is not watched: whoever borrows it sees the end.
    void add(const io::descriptor& socket, std::uint64_t number) noexcept;
    /// Readable when there is something to take.
    [[nodiscard]] io::descriptor& handle() noexcept { return set_; }
    /// The numbers of those that have ended; there may be more. Valid until the next call.
    [[nodiscard]] std::span<const std::uint64_t> take() noexcept;
    /// Makes the handle readable for good. Any thread.
    void stop() noexcept { bell_.ring(); }

private:
    static constexpr std::size_t batch = 64;

    io::descriptor set_;
    io::bell bell_{};
    std::array<epoll_event, batch> events_{};
    std::array<std::uint64_t, batch> numbers_{};
};

} // namespace wharf::detail
