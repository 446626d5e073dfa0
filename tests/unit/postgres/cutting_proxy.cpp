#include "cutting_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <unistd.h>

namespace wharf::postgres {

cutting_proxy::cutting_proxy(std::uint16_t server_port) : server_port_(server_port), thread_([this] { serve(); }) {}

cutting_proxy::~cutting_proxy() {
    listener_.shut_down();
    thread_.join();
}

void cutting_proxy::serve() {
    for (int client = listener_.accept(); client >= 0; client = listener_.accept()) {
        const int server = connect_to_loopback(server_port_);
        if (server >= 0) {
            forward(client, server);
            ::close(server);
        }
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
            if (!send_all(server, {bytes.data(), size}, slice)) return;
            passed_up += size;
            if (passed_up == client_limit) return cut(client);
        }
        if (both[1].revents != 0) {
            const ssize_t got = ::recv(server, bytes.data(), bytes.size(), 0);
            if (got <= 0) return;
            const std::size_t size = std::min(static_cast<std::size_t>(got), limit - passed);
            if (!send_all(client, {bytes.data(), size}, slice)) return;
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
