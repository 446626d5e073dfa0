// Servers that say odd things before the first statement.
#include "scripted_server.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/postgres/connector.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

const std::string ok = message('R', "\0\0\0\0"s);
const std::string key = message('K', "\0\0\0\1\0\0\0\2"s);
const std::string ready = message('Z', "I");

scripted_server::script saying(std::string text) {
    return [text = std::move(text)](scripted_peer& client) {
        client.read_startup();
        client.send(text);
        client.read_to_end();
    };
}

TEST(hostile_login, notices_and_settings_may_come_between_any_two_messages) {
    const std::string noise = error_message({"SNOTICE", "Mlook"}, 'N') + message('S', "client_encoding\0UTF8\0"s) +
                              message('A', "\0\0\0\1news\0hello\0"s);
    const scripted_server server(saying(noise + ok + noise + key + noise + ready + noise));
    EXPECT_TRUE(server.connect()->usable());
}

TEST(hostile_login, server_without_a_key_for_cancelling_is_taken) {
    const scripted_server server(saying(ok + ready));
    const auto connection = server.connect();
    EXPECT_TRUE(connection->usable());
}

// CVE-2022-41862: what is read ends with the message, whether or not a NUL stands there.
TEST(hostile_login, strings_without_their_end_are_violations) {
    for (const std::string& text :
         {message('E', "SFATAL\0C28P01\0Mno"s), message('E', "SFATAL"), message('E', ""), message('N', "SNOTICE\0M"s),
          message('S', "client_encoding\0UTF8"s), message('S', "client_encoding"), message('S', ""),
          message('A', "\0\0\0\1news\0hello"s), message('A', "\0\0\0\1"s), message('R', "\0\0\0\x0aSCRAM-SHA-256"s),
          message('R', "\0\0\0\x0aSCRAM-SHA-256\0"s), message('R', "\0\0\0"s), message('R', ""),
          message('R', "\0\0\0\5sal"s), message('v', "\0\3\0\0\0\0\0\1_pq_"s), message('K', "\0\0\0\1\0\0\0"s)}) {
        const scripted_server server(saying((text[0] == 'K' ? ok : ""s) + text));
        EXPECT_THROW((void)server.connect(), protocol_violation) << text;
    }
}

TEST(hostile_login, ready_in_a_transaction_or_before_ok_is_a_violation) {
    for (const std::string& text : {ok + key + message('Z', "T"), ok + key + message('Z', "E"), ready, key + ok + ready,
                                    ok + ok + ready, ok + key + key + ready, ok + message('D', "\0\0"s)}) {
        const scripted_server server(saying(text));
        EXPECT_THROW((void)server.connect(), connection_error) << text;
    }
}

TEST(hostile_login, flood_of_notices_ends_at_the_deadline) {
    const scripted_server server([](scripted_peer& client) {
        client.read_startup();
        for (const std::string notice = error_message({"SNOTICE", "Mlook"}, 'N');;)
            client.send(notice);
    });
    settings where = server.where();
    where.connect_timeout = std::chrono::milliseconds(50);
    const auto to = make_connector(where);
    EXPECT_THROW((void)io::run(to->connect(), call_options(std::chrono::seconds(20))), connect_failed);
}

} // namespace
} // namespace wharf::postgres
