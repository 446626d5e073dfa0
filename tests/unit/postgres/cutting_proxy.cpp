#include "cutting_proxy.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
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

bool send_all(int to, const char* bytes, std::size_t size, std::size_t slice) {
    while (size != 0) {
        const ssize_t sent = ::send(to, bytes, std::min(size, slice), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

} // namespace

cutting_proxy::cutting_proxy(std::uint16_t server_port) : server_port_(server_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("the proxy cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

cutting_proxy::~cutting_proxy() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

void cutting_proxy::serve() {
    for (;;) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(server_port_);
        const int one = 1;
        ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
            forward(client, server);
        ::close(server);
        ::close(client);
    }
}

void cutting_proxy::forward(int client, int server) {
    passed = 0;
    std::size_t passed_up = 0;
    std::array<char, 65536> bytes{};
    std::array<pollfd, 2> both{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    while (::poll(both.data(), both.size(), -1) > 0) {
        if (both[0].revents != 0) {
            const ssize_t got = ::recv(client, bytes.data(), bytes.size(), 0);
            if (got <= 0) return;
            const std::size_t size = std::min(static_cast<std::size_t>(got), client_limit - passed_up);
            if (!send_all(server, bytes.data(), size, slice)) return;
            passed_up += size;
            if (passed_up == client_limit) return cut(client);
        }
        if (both[1].revents != 0) {
            const ssize_t got = ::recv(server, bytes.data(), bytes.size(), 0);
            if (got <= 0) return;
            const std::size_t size = std::min(static_cast<std::size_t>(got), limit - passed);
            if (!send_all(client, bytes.data(), size, slice)) return;
            passed += size;
            if (passed == limit) return cut(client);
        }
    }
}

void cutting_proxy::cut(int client) const {
    std::array<char, 4096> ignored{};
    while (with_silence && ::recv(client, ignored.data(), ignored.size(), 0) > 0) {
    }
    const linger now{1, 0};
    if (with_reset) ::setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

} // namespace wharf::postgres
