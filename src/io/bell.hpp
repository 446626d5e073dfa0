// A descriptor that becomes readable when it is rung.
#pragma once

#include "wharf/io/descriptor.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <unistd.h>

namespace wharf::io {

class bell {
public:
    bell() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (!event_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
    }

    /// Any thread.
    void ring() noexcept {
        const std::uint64_t one = 1;
        static_cast<void>(!::write(event_.native(), &one, sizeof one));
    }
    /// Makes it silent until it is rung again.
    void clear() noexcept {
        std::uint64_t rung = 0;
        static_cast<void>(!::read(event_.native(), &rung, sizeof rung));
    }
    [[nodiscard]] descriptor& handle() noexcept { return event_; }

private:
    descriptor event_;
};

} // namespace wharf::io
