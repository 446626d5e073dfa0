// Streams on the reactor: what edge-triggered waiting must not lose.
#include "wharf/io/stream.hpp"

#include "unit/asio/ops.hpp"
#include "unit/io/tls_server.hpp"
#include "wharf/base/error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using namespace wharf::io;
using test::authority;
using test::slicing_stream;
using test::socket_pair;
using test::tls_server;
using wharf::asynchronous;
using wharf::test::await;
using wharf::test::ended;
using wharf::test::record;

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 7 + i / 251);
    return bytes;
}

op<std::string> read_exactly(stream& from, std::size_t size, std::size_t piece) {
    std::string all;
    std::string buffer(piece, '\0');
    while (all.size() < size) {
        const auto count = co_await read_some(from, buffer);
        if (count == 0) break;
        all.append(buffer, 0, count);
    }
    co_return std::move(all);
}

op<int> write_in_pieces(stream& to, std::string bytes, std::size_t piece) {
    int writes = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece, ++writes) {
        const auto part = std::string_view(bytes).substr(at, piece);
        co_await write_all(to, part);
    }
    co_return writes;
}

/// Sends `bytes` from one end to the other, on one context, in pieces of their own size on each side.
std::string carried(stream& from, stream& to, const std::string& bytes, std::size_t written, std::size_t read) {
    asio::io_context context;
    const auto reactor = wharf::reactor_of(context.get_executor());
    ended<int> writer;
    ended<std::string> reader;
    asio::co_spawn(context, asynchronous::run(*reactor, write_in_pieces(from, bytes, written), {30s}), record(writer));
    asio::co_spawn(context, asynchronous::run(*reactor, read_exactly(to, bytes.size(), read), {30s}), record(reader));
    context.run();
    EXPECT_FALSE(writer.error);
    EXPECT_FALSE(reader.error);
    return reader.value.value_or("");
}

TEST(stream_on_reactor, pieces_of_any_size__all_bytes_arrive) {
    const auto bytes = pattern(20'000);
    for (const std::size_t written : {1U, 7U, 20'000U}) {
        for (const std::size_t read : {1U, 64U, 4096U, 30'000U}) {
            socket_pair ends;
            EXPECT_EQ(carried(*ends.near, *ends.far, bytes, written, read), bytes) << written << ' ' << read;
        }
    }
}

TEST(stream_on_reactor, more_than_the_socket_holds__all_bytes_arrive) {
    const auto bytes = pattern(5'000'000);
    socket_pair ends;
    EXPECT_EQ(carried(*ends.near, *ends.far, bytes, bytes.size(), 3000), bytes);
}

TEST(stream_on_reactor, one_byte_slices_below__all_bytes_arrive) {
    const auto bytes = pattern(5'000);
    socket_pair ends;
    slicing_stream near(std::move(ends.near));
    slicing_stream far(std::move(ends.far));
    EXPECT_EQ(carried(near, far, bytes, 100, 100), bytes);
}

TEST(stream_on_reactor, end_arrives_with_the_last_bytes__is_not_lost) {
    asio::io_context context;
    socket_pair ends;
    wharf::io::run(write_all(*ends.far, std::string_view("bye")));
    ends.far.reset();
    EXPECT_EQ(await(context, read_exactly(*ends.near, 100, 10), {20s}), "bye");
    EXPECT_EQ(await(context, read_exactly(*ends.near, 100, 10), {20s}), "");
}

TEST(stream_on_reactor, end_arrives_while_nobody_waits__is_not_lost) {
    asio::io_context context;
    socket_pair ends;
    wharf::io::run(write_all(*ends.far, std::string_view("one")));
    EXPECT_EQ(await(context, read_exactly(*ends.near, 3, 10), {20s}), "one");
    ends.far.reset();
    EXPECT_EQ(await(context, read_exactly(*ends.near, 100, 10), {20s}), "");
}

TEST(stream_on_reactor, both_peers_write_more_than_the_sockets_hold__no_deadlock) {
    const auto bytes = pattern(3'000'000);
    asio::io_context context;
    const auto reactor = wharf::reactor_of(context.get_executor());
    socket_pair ends;
    ended<std::string> one;
    ended<std::string> other;
    asio::co_spawn(context, asynchronous::run(*reactor, test::echoed(*ends.near, bytes), {30s}), record(one));
    asio::co_spawn(context, asynchronous::run(*reactor, test::echoed(*ends.far, bytes), {30s}), record(other));
    context.run();
    EXPECT_EQ(one.value, bytes);
    EXPECT_EQ(other.value, bytes);
}

op<std::uint16_t> connect_to(std::string host, std::uint16_t port) {
    const auto made = co_await connect_tcp(std::move(host), port);
    co_return port;
}

TEST(stream_on_reactor, connect_tcp__connects_resolves_and_reports_refusal) {
    asio::io_context context;
    const test::tcp_listener server;
    EXPECT_EQ(await(context, connect_to("127.0.0.1", server.port()), {20s}), server.port());
    EXPECT_EQ(await(context, connect_to("localhost", server.port()), {20s}), server.port());
    const test::tcp_listener deaf(false);
    EXPECT_THROW(await(context, connect_to("127.0.0.1", deaf.port()), {20s}), wharf::connect_failed);
}

class tls_on_reactor : public testing::Test {
protected:
    /// What comes back of `text` through a server with `own`.
    std::string through(test::identity own, const std::string& host, std::size_t slice, bool sliced, std::string text) {
        const tls_server server(std::move(own), tls_server::echo(slice));
        tls_options options;
        options.host = host;
        options.authorities = from.file();
        asio::io_context context;
        return await(context, test::echoed_securely(server.port(), options, sliced, std::move(text)), {30s});
    }
    authority from;
};

TEST_F(tls_on_reactor, verified_server__carries_bytes) {
    EXPECT_EQ(through(from.issue(), "db.example.org", 100, false, "hello"), "hello");
}

TEST_F(tls_on_reactor, wrong_host_or_self_signed_or_expired__is_refused) {
    const test::certificate_wish past{.valid_from = -3, .valid_to = -1};
    EXPECT_THROW(through(from.issue(), "other.example.org", 100, false, "x"), wharf::authentication_failed);
    EXPECT_THROW(through(authority::self_signed(), "db.example.org", 100, false, "x"), wharf::authentication_failed);
    EXPECT_THROW(through(from.issue(past), "db.example.org", 100, false, "x"), wharf::authentication_failed);
}

TEST_F(tls_on_reactor, one_byte_slices_both_ways__carry_the_same_bytes) {
    const auto text = pattern(1000);
    EXPECT_EQ(through(from.issue(), "db.example.org", 1, true, text), text);
}

TEST_F(tls_on_reactor, more_than_the_sockets_hold_both_ways__does_not_deadlock) {
    const auto text = pattern(12'000'000);
    EXPECT_EQ(through(from.issue(), "db.example.org", 16'384, false, text), text);
}

TEST_F(tls_on_reactor, destroyed_at_every_step_of_connecting__leaves_nothing) {
    // The context ends after one more handler each time, until the exchange gets to its end.
    for (std::size_t steps = 0;; ++steps) {
        const tls_server server(from.issue(), tls_server::echo(100));
        tls_options options;
        options.host = "db.example.org";
        options.authorities = from.file();
        bool completed = false;
        asio::io_context context;
        const auto reactor = wharf::reactor_of(context.get_executor());
        asio::co_spawn(
            context, asynchronous::run(*reactor, test::echoed_securely(server.port(), options, false, "hello"), {30s}),
            [&completed](std::exception_ptr, const std::string& text) {
                completed = true;
                EXPECT_EQ(text, "hello");
            });
        for (std::size_t step = 0; step < steps; ++step)
            context.run_one();
        if (steps == 0) wharf::io::run(connect_to("127.0.0.1", server.port())); // the server waits for somebody
        if (completed) break;
    }
}

} // namespace
