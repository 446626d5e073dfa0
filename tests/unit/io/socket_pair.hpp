// Two connected streams, and listening sockets.
#pragma once

#include "io/socket_stream.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <unistd.h>

namespace wharf::io::test {

struct socket_pair {
    std::unique_ptr<stream> near{};
    std::unique_ptr<stream> far{};

    socket_pair() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        near = std::make_unique<socket_stream>(socket_stream::kind::local, ends[0], "far end");
        far = std::make_unique<socket_stream>(socket_stream::kind::local, ends[1], "near end");
    }
};

/// A TCP socket bound to a free port of 127.0.0.1; it listens unless told otherwise.
class tcp_listener {
public:
    explicit tcp_listener(bool listens = true) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof name;
        EXPECT_EQ(::bind(socket_.native(), reinterpret_cast<sockaddr*>(&name), size), 0);
        EXPECT_EQ(::getsockname(socket_.native(), reinterpret_cast<sockaddr*>(&name), &size), 0);
        port_ = ntohs(name.sin_port);
        if (listens) {
            EXPECT_EQ(::listen(socket_.native(), 64), 0);
        }
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Waits for a connection; a blocking descriptor, owned by the caller.
    [[nodiscard]] int accept() const { return ::accept4(socket_.native(), nullptr, nullptr, SOCK_CLOEXEC); }

private:
    descriptor socket_;
    std::uint16_t port_{};
};

/// A listening Unix-domain socket in the abstract namespace: nothing to clean up.
class local_listener {
public:
    explicit local_listener(int backlog = 64) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        EXPECT_EQ(::bind(socket_.native(), reinterpret_cast<sockaddr*>(&name), sizeof(sa_family_t)), 0); // autobind
        socklen_t size = sizeof name;
        EXPECT_EQ(::getsockname(socket_.native(), reinterpret_cast<sockaddr*>(&name), &size), 0);
        path_.assign(name.sun_path, size - offsetof(sockaddr_un, sun_path));
        path_[0] = '@';
        EXPECT_EQ(::listen(socket_.native(), backlog), 0);
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] int accept() const { return ::accept4(socket_.native(), nullptr, nullptr, SOCK_CLOEXEC); }

private:
    descriptor socket_;
    std::string path_;
};

} // namespace wharf::io::test
