// The stream of a plain socket.
#pragma once

#include "wharf/io/stream.hpp"

#include <string>
#include <utility>

namespace wharf::io {

class socket_stream final : public stream {
public:
    enum class kind : bool { tcp, local };

    /// `native` is a non-blocking stream socket, owned from now on; -1: none yet.
    socket_stream(kind what, int native, std::string peer)
        : socket_(native), peer_(std::move(peer)), is_local_(what == kind::local) {}

    io_result read(std::span<char> into) noexcept override;
    io_result write(std::span<const char> from) noexcept override;
    descriptor& handle() noexcept override { return socket_; }
    bool wait_first() const noexcept override { return is_local_ && drained_; }
    void shut_down() noexcept override { socket_.shut_down(); }
    std::string_view peer() const noexcept override { return peer_; }

private:
    descriptor socket_;
    std::string peer_;
    bool is_local_;
    bool drained_{true}; // the last read took all there was
};

} // namespace wharf::io
