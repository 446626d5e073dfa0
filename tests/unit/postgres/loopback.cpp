#include "loopback.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <unistd.h>

namespace wharf::postgres {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int without_delay(int socket) {
    const int one = 1;
    if (socket >= 0) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return socket;
}

} // namespace

loopback_listener::loopback_listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(socket_, name, size) != 0 || ::listen(socket_, 64) != 0 || ::getsockname(socket_, name, &size) != 0) {
        ::close(socket_);
        throw std::runtime_error("cannot listen on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
}

loopback_listener::~loopback_listener() {
    ::close(socket_);
}

int loopback_listener::accept() const noexcept {
    return without_delay(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
}

void loopback_listener::shut_down() const noexcept {
    ::shutdown(socket_, SHUT_RDWR);
}

int connect_to_loopback(std::uint16_t port) noexcept {
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return without_delay(made);
    ::close(made);
    return -1;
}

bool send_all(int to, std::span<const char> bytes, std::size_t slice) noexcept {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(to, bytes.data(), std::min(bytes.size(), slice), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
}

} // namespace wharf::postgres
