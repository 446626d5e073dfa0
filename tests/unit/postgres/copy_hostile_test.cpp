// Servers that break the rules of COPY.
#include "copy_by_core.hpp"
#include "scripted_server.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

constexpr auto soon = std::chrono::seconds(20);

// Two columns, int8 and text.
std::string described() {
    return message('1') + message('t', "\0\0"s) +
           message('T', "\0\2id\0\0\0\0\0\0\0\0\0\0\x14\0\x08\xff\xff\xff\xff\0\0"
                        "name\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0"s);
}
std::string begun(char response) {
    return message('1') + message('2') + message(response, "\1\0\2\0\1\0\1"s);
}
const std::string done = message('C', "COPY 1\0"s) + message('Z', "I");

template <class Error>
void expect_copy_in_fails(std::string opened, std::string finished) {
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('H');
        client.send(opened);
        if (!finished.empty()) {
            client.read_until('c');
            client.send(finished);
        }
        client.read_to_end();
    });
    connection_core core(server.connect());
    EXPECT_THROW((void)io::run(copy_into_t(core, 1, 1), call_options(soon)), Error);
    EXPECT_FALSE(core.usable());
}

template <class Error>
void expect_copy_out_fails(std::string described, std::string copied) {
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('H');
        client.send(described);
        client.read_until('S');
        client.send(copied);
        client.read_to_end();
    });
    connection_core core(server.connect());
    EXPECT_THROW((void)io::run(copy_from(core, "SELECT a query"), call_options(soon)), Error);
    EXPECT_FALSE(core.usable());
}

TEST(copy_hostile, honest_answers_are_taken) {
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('H');
        client.send(described() + begun('G'));
        client.read_until('c');
        client.read_until('S');
        client.send(done);
        client.read_until('H');
        client.send(described());
        client.read_until('S');
        client.send(begun('H') + message('d', "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"s) +
                    message('d', "\0\2\xff\xff\xff\xff\xff\xff\xff\xff"s) + message('d', "\xff\xff"s) + message('c') +
                    done);
        client.read_to_end();
    });
    connection_core core(server.connect());
    EXPECT_EQ(io::run(copy_into_t(core, 1, 1), call_options(soon)), 1U);
    EXPECT_EQ(io::run(copy_from(core, "SELECT a query"), call_options(soon)), 1U);
    EXPECT_TRUE(core.usable());
}

TEST(copy_hostile, responses_that_are_not_as_they_should_be_are_violations) {
    const std::string front = described() + message('1') + message('2');
    expect_copy_in_fails<protocol_violation>(front + message('G', "\2\0\0"s), "");
    expect_copy_in_fails<protocol_violation>(front + message('G', "\1\x7f\xff"s), "");
    expect_copy_in_fails<protocol_violation>(front + message('d', "data"), "");
    expect_copy_in_fails<protocol_violation>(front + message('c'), "");
    expect_copy_in_fails<protocol_violation>(described() + begun('G') + message('D', "\0\0"s), "");
    expect_copy_in_fails<protocol_violation>(described() + begun('G') + message('Z', "I"), "");
    expect_copy_in_fails<usage_error>(front + message('W', "\1\0\0"s), "");
    expect_copy_in_fails<commit_outcome_unknown>(described() + begun('G'), message('2'));
}

TEST(copy_hostile, data_that_is_not_as_announced_is_a_violation) {
    const std::string header = message('d', "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"s);
    for (const std::string& data : {
             message('d', "PGCOPZ\n\377\r\n\0\0\0\0\0\0\0\0\0"s),
             header + message('d', "\0\1\xff\xff\xff\xff"s),
             header + message('d', "\0\2\xff\xff\xff\xfe"s),
             header + message_of_length('d', 0x7fffffff),
             header + message('d', "\xff\xff"s) + message('d', "\0\2"s),
             header + message('c') + done,
             message('c') + done,
         })
        expect_copy_out_fails<protocol_violation>(described(), begun('H') + data);
    expect_copy_out_fails<protocol_violation>(described(), message('1') + message('2') + header);
}

// Somebody may have changed the table, or a server leaves out what nobody has heard of yet.
TEST(copy_hostile, another_number_of_columns_is_an_error_of_the_call) {
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('H');
        client.send(described() + message('1') + message('2') + message('G', "\1\0\3\0\1\0\1\0\1"s));
        client.read_until('f');
        client.read_until('S');
        client.send(error_message({"SERROR", "C57014", "MCOPY from stdin failed"}) + message('Z', "I"));
        client.read_until('H');
        client.send(described());
        client.read_until('S');
        client.send(message('1') + message('2') + message('H', "\1\0\1\0\1"s) + message('d', "data") + message('c') +
                    done);
        client.read_to_end();
    });
    connection_core core(server.connect());
    EXPECT_THROW((void)io::run(copy_into_t(core, 1, 1), call_options(soon)), usage_error);
    EXPECT_TRUE(core.usable());
    EXPECT_THROW((void)io::run(copy_from(core, "SELECT a query"), call_options(soon)), usage_error);
    EXPECT_TRUE(core.usable());
}

TEST(copy_hostile, end_of_the_stream_during_a_copy_is_a_lost_connection) {
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('H');
        client.send(described() + begun('G'));
        client.read_until('d');
    });
    connection_core core(server.connect());
    EXPECT_THROW((void)io::run(copy_into_t(core, 1'000'000, 10'000), call_options(soon)), connection_lost);
    EXPECT_FALSE(core.usable());
}

} // namespace
} // namespace wharf::postgres
