// What a round trip costs the client: one request and one reply of 64 bytes over Unix sockets, against a thread that
// answers. Rows: a bare epoll loop (the least that can be done), a wharf op on the calling thread, wharf ops on the
// Boost.Asio reactor, and Asio's own socket with awaitables. Each figure is CPU time of the client's thread.
#include "io/socket_stream.hpp"
#include "wharf/asio/asynchronous.hpp"
#include "wharf/io/blocking.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace wharf::io;
using message = std::array<char, 64>;

constexpr int rounds = 2000; // of each connection, per iteration

/// Pairs of sockets, and the thread that answers on one end of each.
class answering_peer {
public:
    explicit answering_peer(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            std::array<int, 2> ends{};
            if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
            near_.push_back(ends[0]);
            far_.push_back(ends[1]);
        }
        thread_ = std::thread([this] { serve(); });
    }
    answering_peer(const answering_peer&) = delete;
    answering_peer& operator=(const answering_peer&) = delete;
    ~answering_peer() { thread_.join(); } // after the near ends have been closed

    [[nodiscard]] const std::vector<int>& near() const noexcept { return near_; }

private:
    void serve() {
        const descriptor set(::epoll_create1(EPOLL_CLOEXEC));
        for (const int end : far_) {
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.fd = end;
            ::epoll_ctl(set.native(), EPOLL_CTL_ADD, end, &event);
        }
        std::array<epoll_event, 64> events{};
        message bytes{};
        for (std::size_t open = far_.size(); open > 0;) {
            const int count = ::epoll_wait(set.native(), events.data(), 64, -1);
            for (int i = 0; i < count; ++i) {
                const int end = events[static_cast<std::size_t>(i)].data.fd;
                if (::recv(end, bytes.data(), bytes.size(), 0) > 0) {
                    ::send(end, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                } else {
                    ::close(end);
                    --open;
                }
            }
        }
    }

    std::vector<int> near_;
    std::vector<int> far_;
    std::thread thread_;
};

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    const auto seconds = [](const timeval& of) {
        return static_cast<double>(of.tv_sec) + static_cast<double>(of.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Runs `all_rounds` until Google Benchmark is content, counting the client's CPU time.
template <class Function>
void measure(benchmark::State& state, std::size_t connections, Function all_rounds) {
    const double before = cpu_seconds();
    for (auto _ : state)
        all_rounds();
    const auto trips = static_cast<double>(state.iterations()) * rounds * static_cast<double>(connections);
    state.counters["client_cpu_us"] = (cpu_seconds() - before) * 1e6 / trips;
    state.counters["trips_per_s"] = benchmark::Counter(trips, benchmark::Counter::kIsRate);
}

void bare_epoll(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    answering_peer peer(count);
    const descriptor set(::epoll_create1(EPOLL_CLOEXEC));
    for (const int end : peer.near()) {
        epoll_event event{};
        event.events = EPOLLIN | EPOLLET;
        event.data.fd = end;
        ::epoll_ctl(set.native(), EPOLL_CTL_ADD, end, &event);
    }
    message bytes{};
    std::array<epoll_event, 64> events{};
    measure(state, count, [&] {
        for (const int end : peer.near())
            ::send(end, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        for (std::size_t left = count * rounds, to_send = count * (rounds - 1); left > 0;) {
            const int ready = ::epoll_wait(set.native(), events.data(), 64, -1);
            for (int i = 0; i < ready; ++i, --left) {
                const int end = events[static_cast<std::size_t>(i)].data.fd;
                benchmark::DoNotOptimize(::recv(end, bytes.data(), bytes.size(), 0));
                if (to_send == 0) continue;
                --to_send;
                ::send(end, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            }
        }
    });
    for (const int end : peer.near())
        ::close(end);
}

op<void> round_trip(stream& over) {
    const message request{};
    std::array<char, 4096> reply{}; // with room to spare: a short read says that nothing is left
    co_await write_all(over, request);
    co_await read_some(over, reply);
}

std::vector<std::unique_ptr<stream>> streams_of(const answering_peer& peer) {
    std::vector<std::unique_ptr<stream>> made;
    for (const int end : peer.near())
        made.push_back(std::make_unique<socket_stream>(socket_stream::kind::local, end, "peer"));
    return made;
}

void blocking_op(benchmark::State& state) {
    answering_peer peer(1);
    auto streams = streams_of(peer);
    measure(state, 1, [&] {
        for (int i = 0; i < rounds; ++i)
            run(round_trip(*streams.front()), {std::chrono::seconds(30)});
    });
}

asio::awaitable<void> trips_on_reactor(background& reactor, stream& over) {
    for (int i = 0; i < rounds; ++i) {
        const wharf::call_options options(std::chrono::seconds(30));
        co_await wharf::asynchronous::run(reactor, round_trip(over), options);
    }
}

void reactor_op(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    answering_peer peer(count);
    auto streams = streams_of(peer);
    asio::io_context context(1);
    const auto reactor = wharf::reactor_of(context.get_executor());
    measure(state, count, [&] {
        for (const auto& over : streams)
            asio::co_spawn(context, trips_on_reactor(*reactor, *over), asio::detached);
        context.restart();
        context.run();
    });
}

using local_socket = asio::local::stream_protocol::socket;

asio::awaitable<void> trips_of_asio(local_socket& over) {
    message bytes{};
    for (int i = 0; i < rounds; ++i) {
        co_await asio::async_write(over, asio::buffer(bytes), asio::use_awaitable);
        co_await over.async_read_some(asio::buffer(bytes), asio::use_awaitable);
    }
}

void asio_socket_without_deadline(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    answering_peer peer(count);
    asio::io_context context(1);
    std::vector<local_socket> sockets;
    for (const int end : peer.near())
        sockets.emplace_back(context, asio::local::stream_protocol(), end);
    measure(state, count, [&] {
        for (auto& over : sockets)
            asio::co_spawn(context, trips_of_asio(over), asio::detached);
        context.restart();
        context.run();
    });
}

BENCHMARK(bare_epoll)->Arg(1)->Arg(10)->UseRealTime();
BENCHMARK(blocking_op)->UseRealTime();
BENCHMARK(reactor_op)->Arg(1)->Arg(10)->UseRealTime();
BENCHMARK(asio_socket_without_deadline)->Arg(1)->Arg(10)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
