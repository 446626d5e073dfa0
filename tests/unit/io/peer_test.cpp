#include "wharf/io/peer.hpp"

#include "unit/io/socket_pair.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/connect.hpp"

namespace {

using namespace wharf::io;

TEST(peer, tcp_stream_has_an_address_and_no_user) {
    const test::tcp_listener server;
    const auto made = run(connect_tcp("localhost", server.port()));
    EXPECT_EQ(peer_address(*made), "127.0.0.1");
    EXPECT_EQ(peer_user(*made), std::nullopt);
    EXPECT_EQ(peer_address(*run(connect_tcp("127.0.0.1", server.port()))), "127.0.0.1");
}

TEST(peer, unix_stream_has_a_user_and_no_address) {
    const test::local_listener server;
    const auto made = run(connect_unix(server.path()));
    EXPECT_EQ(peer_address(*made), "");
    EXPECT_EQ(peer_user(*made), ::geteuid());
}

TEST(peer, closed_stream_has_neither) {
    const test::tcp_listener server;
    const auto made = run(connect_tcp("127.0.0.1", server.port()));
    made->handle().reset();
    EXPECT_EQ(peer_address(*made), "");
    EXPECT_EQ(peer_user(*made), std::nullopt);
}

} // namespace
