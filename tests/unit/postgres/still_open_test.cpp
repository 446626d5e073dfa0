// What a server says while nobody asks, and whether it has ended the connection.
#include "scripted_server.hpp"

#include "wharf/io/blocking.hpp"
#include "wharf/postgres/connector.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

class listener final : public statement_observer {
public:
    void on_notice(const diagnostic& notice) override { heard.push_back(notice.message); }
    void on_parameter_change(std::string_view name, std::string_view value) override {
        heard.push_back(std::string(name) + "=" + std::string(value));
    }
    void on_notification(const notification_view& arrived) override { heard.emplace_back(arrived.payload); }

    std::vector<std::string> heard{};
};

std::string notice(const std::string& text) {
    return error_message({"SNOTICE", "C00000", "M" + text}, 'N');
}

// Looks until the server has been seen to end the connection; false if it is not, in a time that is long enough.
bool seen_to_end(driver& looked_at) {
    const auto latest = clock::now() + std::chrono::seconds(20);
    while (looked_at.still_open()) {
        if (clock::now() > latest) return false;
        std::this_thread::yield();
    }
    return !looked_at.usable();
}

void expect_end(const scripted_server::script& end, scripted_server::place where) {
    const scripted_server server(
        [&end](scripted_peer& client) {
            client.log_in();
            end(client);
        },
        where);
    auto settings = server.where();
    settings.sslmode = ssl_mode::disable;
    const auto connection = io::run(make_connector(settings)->connect());
    EXPECT_TRUE(seen_to_end(*connection));
    EXPECT_THROW(io::run(connection->ping()), connection_lost);
}

TEST(still_open, end_of_a_connection_in_any_manner_is_seen) {
    for (const auto where : {scripted_server::place::unix_socket, scripted_server::place::tcp}) {
        expect_end([](scripted_peer&) {}, where);
        expect_end([](scripted_peer& client) { client.send(error_message({"SFATAL", "C57P01", "Mshutting down"})); },
                   where);
        expect_end([](scripted_peer& client) { client.send(notice("good-bye")); }, where);
    }
    expect_end([](scripted_peer& client) { client.reset(); }, scripted_server::place::tcp);
}

TEST(still_open, what_a_server_may_not_say_unasked_is_an_end) {
    for (const std::string& lie : {message('?'), message('Z', "I"), message_of_length('N', 3), message('D', "\0\0"s),
                                   error_message({"SERROR", "C42601", "Mwho asked?"})})
        expect_end(
            [&lie](scripted_peer& client) {
                client.send(lie);
                client.read_to_end();
            },
            scripted_server::place::unix_socket);
}

TEST(still_open, what_a_server_says_is_told_and_the_connection_goes_on_also_in_the_middle_of_a_message) {
    const std::string last = notice("said in two halves");
    const scripted_server server([&last](scripted_peer& client) {
        client.log_in();
        client.send(notice("beware") + message('S', "TimeZone\0UTC\0"s) + message('A', "\0\0\0\7news\0flash\0"s) +
                    last.substr(0, 9));
        client.read_until('S');
        client.send(last.substr(9) + prepared_answer());
        client.read_until('S');
        client.send(executed_answer());
        client.read_to_end();
    });
    const auto connection = server.connect();
    listener observer;
    connection->observe(&observer);
    while (observer.heard.size() < 3)
        ASSERT_TRUE(connection->still_open());
    EXPECT_TRUE(connection->still_open());

    result found;
    batch_item item;
    item.sql = "SELECT 7";
    item.rows = &found;
    io::run(connection->run(std::span(&item, 1)));
    EXPECT_EQ(rows<int>(found).one(), 7);
    EXPECT_THAT(observer.heard, testing::ElementsAre("beware", "TimeZone=UTC", "flash", "said in two halves"));
}

} // namespace
} // namespace wharf::postgres
