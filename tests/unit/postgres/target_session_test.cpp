// How a server that does not report its state, or reports it, is found to be what target_session_attrs asks for.
#include "scripted_server.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/postgres/connector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

// Empty: connected.
std::string refusal(const scripted_server& server, session_target target) {
    settings where = server.where();
    where.target_session_attrs = target;
    try {
        const auto made = io::run(make_connector(where)->connect(), call_options(std::chrono::seconds(20)));
        return "";
    } catch (const connect_failed& failed) {
        return failed.what();
    }
}

TEST(target_session, server_does_not_report_its_state__is_asked) {
    std::atomic<int> questions{0};
    const scripted_server server([&questions](scripted_peer& client) { // its answer is 7, which means yes
        client.log_in();
        client.read_until('S');
        ++questions;
        client.send(prepared_answer());
        client.read_until('S');
        client.send(executed_answer());
        client.read_until('X');
    });
    EXPECT_EQ(refusal(server, session_target::read_only), "");
    EXPECT_EQ(refusal(server, session_target::standby), "");
    EXPECT_EQ(refusal(server, session_target::prefer_standby), "");
    EXPECT_THAT(refusal(server, session_target::read_write), HasSubstr("the session is read-only"));
    EXPECT_THAT(refusal(server, session_target::primary), HasSubstr("the server is a standby"));
    EXPECT_EQ(questions, 5);
}

TEST(target_session, server_reports_its_state__is_not_asked) {
    std::string in_recovery = "on";
    std::string read_only = "off";
    const scripted_server server([&](scripted_peer& client) {
        client.read_startup();
        client.send(message('R', "\0\0\0\0"s) + message('S', "client_encoding\0UTF8\0"s) +
                    message('S', "in_hot_standby\0"s + in_recovery + '\0') +
                    message('S', "default_transaction_read_only\0"s + read_only + '\0') + message('Z', "I"));
        client.read_until('X'); // nothing comes before the end
    });
    EXPECT_EQ(refusal(server, session_target::any), "");
    EXPECT_EQ(refusal(server, session_target::standby), "");
    EXPECT_EQ(refusal(server, session_target::read_only), "");
    EXPECT_NE(refusal(server, session_target::read_write), "");
    EXPECT_NE(refusal(server, session_target::primary), "");
    in_recovery = "off";
    EXPECT_EQ(refusal(server, session_target::read_write), "");
    EXPECT_EQ(refusal(server, session_target::primary), "");
    EXPECT_EQ(refusal(server, session_target::prefer_standby), "") << "none is a standby, so any will do";
    EXPECT_NE(refusal(server, session_target::standby), "");
    EXPECT_NE(refusal(server, session_target::read_only), "");
    read_only = "on";
    EXPECT_EQ(refusal(server, session_target::read_only), "");
    EXPECT_EQ(refusal(server, session_target::primary), "");
    EXPECT_NE(refusal(server, session_target::read_write), "");
}

TEST(target_session, preferred_standby_does_not_answer__there_is_time_for_the_second_choice) {
    const scripted_server primary([](scripted_peer& client) {
        client.read_startup();
        client.send(message('R', "\0\0\0\0"s) + message('S', "client_encoding\0UTF8\0"s) +
                    message('S', "in_hot_standby\0off\0"s) + message('Z', "I"));
        client.read_to_end();
    });
    const scripted_server silent([](scripted_peer& client) { client.read_to_end(); });
    settings where = primary.where();
    where.servers.push_back(silent.where().servers[0]);
    where.target_session_attrs = session_target::prefer_standby;
    const auto to = make_connector(where); // each may take 10 seconds, all of them together 2
    EXPECT_NE(io::run(to->connect(), call_options(std::chrono::seconds(2))), nullptr);
}

} // namespace
} // namespace wharf::postgres
