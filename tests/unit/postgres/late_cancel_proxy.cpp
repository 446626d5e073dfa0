#include "late_cancel_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <unistd.h>

namespace wharf::postgres {
namespace {

// Length and request code of a CancelRequest.
bool is_cancel(const char* bytes, ssize_t size) {
    constexpr std::array<unsigned char, 4> code{0x04, 0xd2, 0x16, 0x2e};
    return size >= 8 && std::memcmp(bytes + 4, code.data(), code.size()) == 0;
}

} // namespace

late_cancel_proxy::late_cancel_proxy(std::uint16_t server_port, std::chrono::milliseconds delay)
    : server_port_(server_port), delay_(delay), thread_([this] { serve(); }) {}

late_cancel_proxy::~late_cancel_proxy() {
    listener_.shut_down();
    thread_.join();
    connections_.clear();
}

void late_cancel_proxy::serve() {
    for (int client = listener_.accept(); client >= 0; client = listener_.accept()) {
        connections_.emplace_back([this, client] {
            const int server = connect_to_loopback(server_port_);
            if (server >= 0) {
                forward(client, server);
                ::close(server);
            }
            ::close(client);
        });
    }
}

void late_cancel_proxy::forward(int client, int server) {
    std::array<char, 65536> bytes{};
    std::array<pollfd, 2> both{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    for (bool first = true; ::poll(both.data(), both.size(), -1) > 0;) {
        if (both[0].revents != 0) {
            const ssize_t got = ::recv(client, bytes.data(), bytes.size(), 0);
            if (first && is_cancel(bytes.data(), got)) {
                ::poll(nullptr, 0, static_cast<int>(delay_.count()));
                ++cancels_;
            }
            first = false;
            if (got <= 0 || !send_all(server, {bytes.data(), static_cast<std::size_t>(got)})) return;
        }
        if (both[1].revents != 0) {
            const ssize_t got = ::recv(server, bytes.data(), bytes.size(), 0);
            if (got <= 0 || !send_all(client, {bytes.data(), static_cast<std::size_t>(got)})) return;
        }
    }
}

} // namespace wharf::postgres
