#include "io/socket_stream.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace wharf::io {
namespace {

std::error_code last_error() noexcept {
    return {errno, std::generic_category()};
}

bool would_block() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

} // namespace

io_result socket_stream::read(std::span<char> into) noexcept {
    io_result result;
    ssize_t count = 0;
    do
        count = ::recv(socket_.native(), into.data(), into.size(), 0);
    while (count < 0 && errno == EINTR);
    // The end and errors count as not drained: the next read may tell them again without a wait.
    drained_ = count < 0 ? would_block() : count > 0 && static_cast<std::size_t>(count) < into.size();
    if (count > 0)
        result.bytes = static_cast<std::size_t>(count);
    else if (count == 0)
        result.end = true;
    else if (would_block())
        result.want_read = true;
    else
        result.error = last_error();
    return result;
}

io_result socket_stream::write(std::span<const char> from) noexcept {
    io_result result;
    ssize_t count = 0;
    do
        count = ::send(socket_.native(), from.data(), from.size(), MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    if (count >= 0)
        result.bytes = static_cast<std::size_t>(count);
    else if (would_block())
        result.want_write = true;
    else
        result.error = last_error();
    return result;
}

} // namespace wharf::io
