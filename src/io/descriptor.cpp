#include "wharf/io/descriptor.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace wharf::io {

void descriptor::reset(int native) noexcept {
    registration_.reset();
    if (native_ >= 0) ::close(native_);
    native_ = native;
}

void descriptor::shut_down() noexcept {
    if (native_ >= 0) ::shutdown(native_, SHUT_RDWR);
}

void descriptor::end_writing() noexcept {
    if (native_ >= 0) ::shutdown(native_, SHUT_WR);
}

} // namespace wharf::io
