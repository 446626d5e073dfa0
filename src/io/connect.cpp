#include "wharf/io/connect.hpp"

#include "io/connect_to_one_of.hpp"
#include "io/fair_share.hpp"
#include "io/socket_stream.hpp"
#include "io/tcp_settings.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <random>
#include <system_error>
#include <unistd.h>

namespace wharf::io {
namespace {

/// 0, or the errno for which there is no connection. EAGAIN: the listener's queue is full (Unix-domain sockets only).
op<int> try_connect(descriptor& socket, const address& to, const tcp_options& options) {
    socket.reset(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) co_return errno;
    if (to.family() != AF_UNIX) apply(options, socket);
    if (::connect(socket.native(), to.get(), to.size) == 0) co_return 0;
    if (errno != EINPROGRESS && errno != EINTR) co_return errno;
    co_await wait(socket, interest::write);
    int failure = 0;
    socklen_t size = sizeof failure;
    if (::getsockopt(socket.native(), SOL_SOCKET, SO_ERROR, &failure, &size) != 0) co_return errno;
    co_return failure;
}

/// The same, giving up at `moment`; ETIMEDOUT then, unless the deadline of the whole op has passed: that is thrown.
op<int> try_connect_until(descriptor& socket, const address& to, const tcp_options& options, time_point moment) {
    auto& self = co_await this_task();
    const auto whole = self.deadline();
    const deadline_scope scope(self, moment);
    try {
        co_return co_await try_connect(socket, to, options);
    } catch (const timed_out&) {
        if (clock::now() >= whole) throw;
    }
    co_return ETIMEDOUT;
}

std::string reason_for(int code) {
    return std::generic_category().message(code);
}

std::string name_of(const std::string& host, std::uint16_t port) {
    const bool bare_ipv6 = host.find(':') != std::string::npos;
    return (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

op<std::unique_ptr<stream>> resolve_and_connect(std::string host, std::uint16_t port, std::string name,
                                                tcp_options options) {
    auto addresses = co_await resolve(host, port);
    if (options.random_address) shuffle(addresses, std::random_device()());
    co_return co_await connect_to_one_of(std::move(addresses), std::move(host), std::move(name), options);
}

} // namespace

op<std::unique_ptr<stream>> connect_to_one_of(std::vector<address> addresses, std::string host, std::string name,
                                              tcp_options options) {
    auto& self = co_await this_task();
    auto made = std::make_unique<socket_stream>(socket_stream::kind::tcp, -1, name);
    std::string reasons;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto until = fair_share(clock::now(), self.deadline(), addresses.size() - i);
        const int failure = co_await try_connect_until(made->handle(), addresses[i], options, until);
        if (failure == 0) co_return std::unique_ptr<stream>(std::move(made));
        if (!reasons.empty()) reasons += "; ";
        if (const auto numeric = addresses[i].text(); numeric != host) reasons += numeric + ": ";
        reasons += reason_for(failure);
    }
    throw connect_failed("could not connect to " + name + ": " + reasons);
}

op<std::unique_ptr<stream>> connect_tcp(std::string host, std::uint16_t port, tcp_options options) {
    const auto name = name_of(host, port);
    try {
        co_return co_await resolve_and_connect(std::move(host), port, name, options);
    } catch (const timed_out&) {
        throw timed_out("the deadline passed while connecting to " + name);
    }
}

op<std::unique_ptr<stream>> connect_unix(std::string path) {
    using namespace std::chrono_literals;
    const auto to = local_address(path);
    const tcp_options unused;
    auto made = std::make_unique<socket_stream>(socket_stream::kind::local, -1, path);
    for (auto pause = duration(1ms);; pause = std::min<duration>(2 * pause, 50ms)) {
        const int failure = co_await try_connect(made->handle(), to, unused);
        if (failure == 0) co_return std::unique_ptr<stream>(std::move(made));
        if (failure != EAGAIN) throw connect_failed("could not connect to " + path + ": " + reason_for(failure));
        // Nothing tells when the listener's queue has room again.
        co_await sleep_until(clock::now() + pause);
    }
}

} // namespace wharf::io
