#include "late_cancel_proxy.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
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

// Length and request code of a CancelRequest.
bool is_cancel(const char* bytes, ssize_t size) {
    constexpr std::array<unsigned char, 4> code{0x04, 0xd2, 0x16, 0x2e};
    return size >= 8 && std::memcmp(bytes + 4, code.data(), code.size()) == 0;
}

bool send_all(int to, const std::array<char, 65536>& bytes, ssize_t got) {
    for (ssize_t sent = 0; sent < got;) {
        const ssize_t put = ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
        if (put <= 0) return false;
        sent += put;
    }
    return true;
}

} // namespace

late_cancel_proxy::late_cancel_proxy(std::uint16_t server_port, std::chrono::milliseconds delay)
    : server_port_(server_port), delay_(delay) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("the proxy cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

late_cancel_proxy::~late_cancel_proxy() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    connections_.clear();
}

void late_cancel_proxy::serve() {
    for (;;) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        connections_.emplace_back([this, client] {
            forward(client);
            ::close(client);
        });
    }
}

void late_cancel_proxy::forward(int client) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_port_);
    const int one = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        std::array<char, 65536> bytes{};
        std::array<pollfd, 2> both{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
        bool open = true;
        for (bool first = true; open && ::poll(both.data(), both.size(), -1) > 0;) {
            if (both[0].revents != 0) {
                const ssize_t got = ::recv(client, bytes.data(), bytes.size(), 0);
                if (first && is_cancel(bytes.data(), got)) {
                    ::poll(nullptr, 0, static_cast<int>(delay_.count()));
                    ++cancels_;
                }
                first = false;
                open = got > 0 && send_all(server, bytes, got);
            }
            if (open && both[1].revents != 0) {
                const ssize_t got = ::recv(server, bytes.data(), bytes.size(), 0);
                open = got > 0 && send_all(client, bytes, got);
            }
        }
    }
    ::close(server);
}

} // namespace wharf::postgres
