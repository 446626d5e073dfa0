#include "wharf/io/stream.hpp"

#include "unit/io/socket_pair.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/waits.hpp"

#include <gmock/gmock.h>

#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using namespace wharf::io;
using test::socket_pair;

op<std::string> read_all(stream& from) {
    std::string all;
    std::array<char, 1000> buffer{};
    for (;;) {
        const auto count = co_await read_some(from, buffer);
        if (count == 0) co_return all;
        all.append(buffer.data(), count);
    }
}

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 7 + i / 251);
    return bytes;
}

TEST(socket_stream, nothing_has_arrived__wants_read) {
    socket_pair ends;
    std::array<char, 8> buffer{};
    const auto got = ends.near->read(buffer);
    EXPECT_TRUE(got.want_read);
    EXPECT_EQ(got.bytes, 0U);
    EXPECT_EQ(got.wanted(), interest::read);
}

TEST(socket_stream, wait_first_on_a_unix_socket__only_where_the_last_read_took_all) {
    socket_pair ends;
    std::array<char, 4> buffer{};
    EXPECT_TRUE(ends.near->wait_first());
    run(write_all(*ends.far, std::string_view("123456")));
    EXPECT_EQ(ends.near->read(buffer).bytes, 4U);
    EXPECT_FALSE(ends.near->wait_first());
    EXPECT_EQ(ends.near->read(buffer).bytes, 2U);
    EXPECT_TRUE(ends.near->wait_first());
}

TEST(read_some, peer_has_closed__yields_what_was_sent_and_then_0) {
    socket_pair ends;
    run(write_all(*ends.far, std::string_view("last words")));
    ends.far.reset();
    EXPECT_EQ(run(read_all(*ends.near)), "last words");
}

TEST(read_some, shut_down_by_another_thread__ends) {
    socket_pair ends;
    std::thread closer([&] { ends.near->shut_down(); });
    EXPECT_EQ(run(read_all(*ends.near)), "");
    closer.join();
}

TEST(read_some, nothing_arrives_before_the_deadline__times_out) {
    socket_pair ends;
    EXPECT_THROW(run(read_all(*ends.near), {2ms}), wharf::timed_out);
}

TEST(write_all, peer_has_closed__throws_connection_lost_naming_it_without_a_signal) {
    socket_pair ends;
    ends.far.reset();
    try {
        run(write_all(*ends.near, std::string_view("x")));
        FAIL();
    } catch (const wharf::connection_lost& error) {
        EXPECT_STREQ(error.what(), "the connection to far end was lost: Broken pipe");
    }
}

TEST(write_all, more_than_the_socket_holds__arrives_whole) {
    socket_pair ends;
    const auto sent = pattern(5'000'000);
    std::thread writer([&] {
        run(write_all(*ends.far, sent));
        ends.far.reset();
    });
    EXPECT_EQ(run(read_all(*ends.near)), sent);
    writer.join();
}

class string_receiver final : public receiver {
public:
    std::span<char> space() override { return space_; }
    void received(std::size_t count) override { all.append(space_.data(), count); }
    std::string all;

private:
    std::array<char, 1000> space_{};
};

TEST(transfer, both_peers_write_more_than_the_sockets_hold__neither_waits_for_the_other) {
    socket_pair ends;
    const auto sent = pattern(4'000'000);
    const auto exchange = [&sent](stream& end) {
        string_receiver arrived;
        EXPECT_TRUE(run(transfer(end, sent, arrived), {20s}));
        std::array<char, 1000> buffer{};
        while (arrived.all.size() < sent.size())
            arrived.all.append(buffer.data(), run(read_some(end, buffer), {20s}));
        EXPECT_EQ(arrived.all, sent);
    };
    std::thread other([&] { exchange(*ends.far); });
    exchange(*ends.near);
    other.join();
}

TEST(transfer, peer_says_why_and_closes__is_false_and_the_reason_is_received) {
    socket_pair ends;
    run(write_all(*ends.far, std::string_view("going down")));
    ends.far.reset();
    string_receiver arrived;
    EXPECT_FALSE(run(transfer(*ends.near, pattern(4'000'000), arrived)));
    EXPECT_EQ(arrived.all, "going down");
}

} // namespace
