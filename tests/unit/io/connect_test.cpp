#include "wharf/io/connect.hpp"

#include "io/connect_to_one_of.hpp"
#include "unit/io/socket_pair.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"

#include <gmock/gmock.h>
#include <netinet/tcp.h>

#include <map>
#include <set>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using namespace wharf::io;
using test::local_listener;
using test::tcp_listener;
using testing::HasSubstr;

std::string why_not(op<std::unique_ptr<stream>> attempt) {
    try {
        static_cast<void>(run(std::move(attempt), {20s}));
    } catch (const wharf::connect_failed& error) {
        return error.what();
    }
    return "connected";
}

int option(stream& of, int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(of.handle().native(), level, name, &value, &size), 0);
    return value;
}

void expect_carries_bytes(stream& near, int accepted) {
    socket_stream far(socket_stream::kind::tcp, accepted, "near end");
    run(write_all(near, std::string_view("ping")));
    std::array<char, 8> buffer{};
    EXPECT_EQ(run(read_some(far, buffer)), 4U);
}

TEST(connect_tcp, server_listens__connects_with_nodelay_and_keepalive) {
    const tcp_listener server;
    const auto made = run(connect_tcp("127.0.0.1", server.port()));
    EXPECT_EQ(made->peer(), "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_FALSE(made->wait_first());
    EXPECT_NE(option(*made, IPPROTO_TCP, TCP_NODELAY), 0);
    EXPECT_NE(option(*made, SOL_SOCKET, SO_KEEPALIVE), 0);
    expect_carries_bytes(*made, server.accept());
}

TEST(connect_tcp, options_are_given__socket_has_them) {
    const tcp_listener server;
    const tcp_options options{
        .keepalive_idle = 61s, .keepalive_interval = 7s, .keepalive_count = 5, .user_timeout = 4321ms};
    const auto made = run(connect_tcp("127.0.0.1", server.port(), options));
    EXPECT_NE(option(*made, SOL_SOCKET, SO_KEEPALIVE), 0);
    EXPECT_EQ(option(*made, IPPROTO_TCP, TCP_KEEPIDLE), 61);
    EXPECT_EQ(option(*made, IPPROTO_TCP, TCP_KEEPINTVL), 7);
    EXPECT_EQ(option(*made, IPPROTO_TCP, TCP_KEEPCNT), 5);
    EXPECT_EQ(option(*made, IPPROTO_TCP, TCP_USER_TIMEOUT), 4321);
}

TEST(connect_tcp, keepalive_is_off__socket_is_not_probed) {
    const tcp_listener server;
    const auto usual = run(connect_tcp("127.0.0.1", server.port()));
    const auto made = run(connect_tcp("127.0.0.1", server.port(), {.keepalive = false, .keepalive_idle = 61s}));
    EXPECT_EQ(option(*made, SOL_SOCKET, SO_KEEPALIVE), 0);
    EXPECT_EQ(option(*made, IPPROTO_TCP, TCP_KEEPIDLE), option(*usual, IPPROTO_TCP, TCP_KEEPIDLE));
}

TEST(connect_tcp, system_does_not_take_an_option__names_it) {
    const tcp_listener server;
    try {
        (void)run(connect_tcp("127.0.0.1", server.port(), {.keepalive_idle = 99'999s}));
        FAIL();
    } catch (const wharf::configuration_error& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("keepalives_idle"));
    }
}

TEST(addresses, are_shuffled__each_comes_first_sometimes_and_none_is_lost) {
    const std::vector<address> given{local_address("/a"), local_address("/b"), local_address("/c")};
    std::map<std::string, int> first;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        auto order = given;
        shuffle(order, seed);
        std::set<std::string> names;
        for (const auto& each : order)
            names.insert(reinterpret_cast<const sockaddr_un&>(each.bytes).sun_path);
        EXPECT_EQ(names, (std::set<std::string>{"/a", "/b", "/c"}));
        ++first[reinterpret_cast<const sockaddr_un&>(order[0].bytes).sun_path];
    }
    for (const char* name : {"/a", "/b", "/c"})
        EXPECT_GT(first[name], 60) << name;
}

TEST(connect_tcp, name_with_several_addresses__reaches_the_one_that_listens) {
    const tcp_listener server; // IPv4 only: ::1, where localhost has it, refuses
    const auto made = run(connect_tcp("localhost", server.port()), {20s});
    expect_carries_bytes(*made, server.accept());
}

std::vector<address> addresses_of(std::initializer_list<const tcp_listener*> listeners) {
    std::vector<address> found;
    for (const auto* each : listeners)
        found.push_back(run(resolve("127.0.0.1", each->port())).at(0));
    return found;
}

TEST(connect_tcp, first_addresses_do_not_answer__next_one_is_tried) {
    const tcp_listener dead(false);
    const tcp_listener server;
    const auto made = run(connect_to_one_of(addresses_of({&dead, &dead, &server}), "db", "db:1", {}), {20s});
    expect_carries_bytes(*made, server.accept());
}

TEST(connect_tcp, no_address_answers__message_has_the_reason_for_each) {
    const tcp_listener dead(false);
    EXPECT_EQ(why_not(connect_to_one_of(addresses_of({&dead, &dead}), "db", "db:1", {})),
              "could not connect to db:1: 127.0.0.1: Connection refused; 127.0.0.1: Connection refused");
}

TEST(connect_tcp, nobody_listens__names_host_port_and_reason) {
    const tcp_listener taken(false);
    const auto name = "127.0.0.1:" + std::to_string(taken.port());
    EXPECT_EQ(why_not(connect_tcp("127.0.0.1", taken.port())), "could not connect to " + name + ": Connection refused");
}

TEST(connect_tcp, unknown_host__names_it) {
    EXPECT_THAT(why_not(connect_tcp("no-such-host.invalid", 5432)),
                HasSubstr("could not resolve the host name \"no-such-host.invalid\": "));
}

TEST(connect_unix, server_listens__connects) {
    const local_listener server;
    const auto made = run(connect_unix(server.path()));
    EXPECT_EQ(made->peer(), server.path());
    EXPECT_TRUE(made->wait_first());
    expect_carries_bytes(*made, server.accept());
}

TEST(connect_unix, no_such_socket__names_path_and_reason) {
    EXPECT_EQ(why_not(connect_unix("/nonexistent/socket")),
              "could not connect to /nonexistent/socket: No such file or directory");
}

TEST(connect_unix, path_longer_than_an_address__is_a_configuration_error) {
    EXPECT_THROW(static_cast<void>(run(connect_unix(std::string(200, 'x')))), wharf::configuration_error);
}

TEST(connect_unix, full_queue__waits_for_room) {
    const local_listener server(0);
    const auto first = run(connect_unix(server.path()));
    EXPECT_THROW(static_cast<void>(run(connect_unix(server.path()), {5ms})), wharf::timed_out);
    std::thread acceptor([&server] { ::close(server.accept()); });
    EXPECT_NE(run(connect_unix(server.path()), {20s}), nullptr);
    acceptor.join();
}

} // namespace
