// Servers that break the protocol, lie, or go away.
#include "scripted_server.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/connection/connection_core.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/postgres/connector.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

constexpr auto soon = std::chrono::seconds(20);

void run(driver& on, std::span<batch_item> items, duration timeout = soon) {
    io::run(on.run(items), call_options(timeout));
}

int select_seven(driver& on) {
    result found;
    batch_item item;
    item.sql = "SELECT 7";
    item.rows = &found;
    run(on, std::span(&item, 1));
    if (item.error) std::rethrow_exception(item.error);
    return rows<int>(found).one();
}

// Lets the client in, waits for the first statement, sends `answer` and whatever belongs to the second trip.
scripted_server::script answering(std::string prepared, std::string executed) {
    return [prepared = std::move(prepared), executed = std::move(executed)](scripted_peer& client) {
        client.log_in();
        client.read_until('S');
        client.send(prepared);
        client.read_until('S');
        client.send(executed);
        client.read_to_end();
    };
}

// The server sends `text` at login and nothing else.
template <class Error>
void expect_login_fails(std::string text) {
    const scripted_server server([&](scripted_peer& client) {
        client.send(text);
        client.read_to_end();
    });
    EXPECT_THROW((void)server.connect(), Error) << text;
}

template <class Error>
void expect_query_fails(std::string prepared, std::string executed) {
    const scripted_server server(answering(std::move(prepared), std::move(executed)));
    const auto connection = server.connect();
    EXPECT_THROW((void)select_seven(*connection), Error);
    EXPECT_FALSE(connection->usable());
    batch_item item;
    item.sql = "SELECT 7";
    EXPECT_THROW(run(*connection, std::span(&item, 1)), connection_lost);
}

TEST(hostile_server, honest_answers_are_taken) {
    const scripted_server server(answering(prepared_answer(), executed_answer()));
    const auto connection = server.connect();
    EXPECT_EQ(select_seven(*connection), 7);
}

TEST(hostile_server, answer_about_types_that_makes_no_sense_fails_the_statement_and_is_not_asked_for_again) {
    const std::string done = message('1') + message('2');
    const std::string of_unknown_type = message('T', "\0\1n\0\0\0\0\0\0\0\0\0\x4e\x20\0\4\xff\xff\xff\xff\0\0"s);
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('H'); // behind BEGIN and the preparation
        client.send(done + message('C', "BEGIN\0"s) + message('1') + message('t', "\0\0"s) + of_unknown_type);
        client.read_until('H'); // behind the question
        client.send(done + message('n') + message('C', "SELECT 0\0"s));
        client.read_until('S');
        client.send(error_message({"SERROR", "C42601", "Mno statement"}) + message('Z', "E"));
        client.read_to_end();
    });
    const auto connection = server.connect();
    std::vector<batch_item> items(2);
    items[0].sql = "BEGIN";
    items[0].utility = true;
    items[1].sql = "SELECT 7";
    run(*connection, items);
    EXPECT_FALSE(items[0].error);
    ASSERT_TRUE(items[1].error);
    EXPECT_THROW(std::rethrow_exception(items[1].error), conversion_error);
    EXPECT_EQ(connection->status(), wharf::transaction_status::failed);
}

// As much as a client that reads for ever takes some seconds for; it must not come to the answer behind it.
TEST(hostile_server, notices_without_end_do_not_outlast_the_deadline) {
    for (const auto where : {scripted_server::place::unix_socket, scripted_server::place::tcp}) {
        const scripted_server server(
            [](scripted_peer& client) {
                client.log_in();
                client.read_until('S');
                std::string notices;
                while (notices.size() < std::size_t{64} << 10)
                    notices += error_message({"SNOTICE", "Mlook"}, 'N');
                for (int i = 0; i < 20'000; ++i)
                    client.send(notices);
                client.send(prepared_answer());
                client.read_until('S');
                client.send(executed_answer());
            },
            where);
        auto settings = server.where();
        settings.sslmode = ssl_mode::disable;
        const auto connection = io::run(make_connector(std::move(settings))->connect(), call_options(soon));
        batch_item item;
        item.sql = "SELECT 7";
        EXPECT_THROW(run(*connection, std::span(&item, 1), std::chrono::milliseconds(50)), timed_out);
    }
}

// A request to cancel that hits the reset in front of a script or a COPY was meant for these.
TEST(hostile_server, what_follows_a_cancelled_reset_is_cancelled_and_not_sent) {
    const scripted_server server([](scripted_peer& client) {
        client.log_in();
        client.read_until('S');
        client.send(error_message({"SERROR", "C57014", "Mcanceling statement due to user request"}) +
                    message('Z', "I"));
        client.read_to_end();
    });
    {
        const auto connection = server.connect();
        connection->reset_before_next();
        const auto outcome = io::run(connection->run_script("SELECT 1", {}), call_options(soon));
        ASSERT_TRUE(outcome.error);
        EXPECT_THROW(std::rethrow_exception(outcome.error), query_canceled);
        EXPECT_TRUE(connection->usable());
    }
    connection_core core(server.connect());
    core.underlying().reset_before_next();
    EXPECT_THROW((void)io::run(core.begin_copy(copy_request::rows_into("t", {})), call_options(soon)), query_canceled);
    EXPECT_TRUE(core.usable());
}

TEST(hostile_server, impossible_length_at_login_is_a_violation) {
    for (const std::int32_t length : {3, 0, -1, 0x7fffffff, 65 * 1024})
        expect_login_fails<protocol_violation>(message_of_length('R', length));
}

TEST(hostile_server, what_is_no_postgresql_is_a_violation) {
    expect_login_fails<protocol_violation>("HTTP/1.1 400 Bad Request\r\n\r\n");
    expect_login_fails<protocol_violation>(message('Z', "I"));
    expect_login_fails<protocol_violation>(message('R', "\0\0\0\x63"s));
    expect_login_fails<authentication_failed>(message('R', "\0\0\0\3"s));
    expect_login_fails<authentication_failed>(error_message({"SFATAL", "C28P01", "Mno"}));
    expect_login_fails<connect_failed>(error_message({"SFATAL", "C57P03", "Mstarting up"}));
    expect_login_fails<configuration_error>(error_message({"SFATAL", "C3D000", "Mno such database"}));
    expect_login_fails<connect_failed>(error_message({}));
}

TEST(hostile_server, impossible_length_in_an_answer_is_a_violation) {
    for (const std::int32_t length : {3, 0, -1, 0x7fffffff})
        expect_query_fails<protocol_violation>(prepared_answer(), message('2') + message_of_length('D', length));
}

TEST(hostile_server, rows_that_are_not_as_announced_are_violations) {
    for (const std::string& row : {"\0\2\0\0\0\4\0\0\0\7\xff\xff\xff\xff"s, "\0\0"s, "\0\1\xff\xff\xff\xfe"s,
                                   "\0\1\0\0\0\5\0\0\0\7"s, "\0\1\0\0\0\4\0\0\0\7\0"s, "\0"s, ""s})
        expect_query_fails<protocol_violation>(prepared_answer(), message('2') + message('D', row));
}

TEST(hostile_server, messages_out_of_turn_are_violations) {
    const std::string good = prepared_answer();
    expect_query_fails<protocol_violation>(message('1') + message('1'), "");
    expect_query_fails<protocol_violation>(message('Z', "I"), "");
    expect_query_fails<protocol_violation>(message('2'), "");
    expect_query_fails<protocol_violation>(message('D', "\0\0"s), "");
    expect_query_fails<protocol_violation>(message('1') + message('T', "\0\0"s), "");
    expect_query_fails<protocol_violation>(message('1') + message('t', "\x7f\xff"s), "");
    expect_query_fails<protocol_violation>(message('?'), "");
    expect_query_fails<protocol_violation>(good, message('2') + message('2'));
    expect_query_fails<protocol_violation>(good, message('C', "SELECT 1\0"s));
    expect_query_fails<protocol_violation>(good, message('2') + message('C', "SELECT 1"));
    expect_query_fails<protocol_violation>(good, message('2') + message('Z', "X"));
    expect_query_fails<protocol_violation>(good, message('R', "\0\0\0\0"s));
    expect_query_fails<protocol_violation>(good, message('K', "\0\0\0\1\0\0\0\2"s));
}

TEST(hostile_server, rows_of_a_statement_without_any_are_a_violation) {
    expect_query_fails<protocol_violation>(message('1') + message('t', "\0\0"s) + message('n') + message('Z', "I"),
                                           message('2') + message('D', "\0\0"s));
}

TEST(hostile_server, answer_that_nobody_asked_for_never_reaches_the_next_question) {
    const scripted_server server(answering(prepared_answer(), executed_answer() + message('C', "SELECT 1\0"s)));
    const auto connection = server.connect();
    EXPECT_THROW((void)select_seven(*connection), protocol_violation);
    EXPECT_FALSE(connection->usable());
}

TEST(hostile_server, notices_settings_and_notifications_may_come_anywhere) {
    const std::string noise = error_message({"SNOTICE", "Mlook"}, 'N') + message('S', "TimeZone\0UTC\0"s) +
                              message('A', "\0\0\0\1news\0hello\0"s);
    const std::string prepared = noise + message('1') + noise + message('t', "\0\0"s) + noise +
                                 message('T', "\0\1n\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\0"s) + noise +
                                 message('Z', "I") + noise;
    const std::string executed = noise + message('2') + noise + message('D', "\0\1\0\0\0\4\0\0\0\7"s) + noise +
                                 message('C', "SELECT 1\0"s) + noise + message('Z', "I") + noise;
    const scripted_server server(answering(prepared, executed));
    const auto connection = server.connect();
    EXPECT_EQ(select_seven(*connection), 7);
}

TEST(hostile_server, error_without_sqlstate_and_with_unknown_fields_is_an_error_of_the_statement) {
    const scripted_server server(
        answering(prepared_answer(), error_message({"SERROR", "Zwhat", "!", "Modd"}) + message('Z', "I")));
    const auto connection = server.connect();
    try {
        (void)select_seven(*connection);
        FAIL() << "accepted";
    } catch (const database_error& refused) {
        EXPECT_EQ(refused.sqlstate(), "");
        EXPECT_EQ(refused.message(), "odd");
    }
    EXPECT_TRUE(connection->usable());
}

TEST(hostile_server, first_of_two_fatal_errors_is_the_one_that_is_told) {
    const scripted_server server(answering(prepared_answer(), error_message({"SFATAL", "C57P01", "Mfirst"}) +
                                                                  error_message({"SFATAL", "C57P02", "Msecond"})));
    const auto connection = server.connect();
    try {
        (void)select_seven(*connection);
        FAIL() << "accepted";
    } catch (const connection_lost& lost) {
        EXPECT_NE(std::string(lost.what()).find("first"), std::string::npos);
    }
    EXPECT_FALSE(connection->usable());
}

TEST(hostile_server, change_of_the_encoding_ends_the_connection) {
    expect_query_fails<usage_error>(prepared_answer(), message('S', "client_encoding\0LATIN1\0"s) + executed_answer());
}

TEST(hostile_server, silence_ends_at_the_deadline_and_the_connection_with_it) {
    const scripted_server server([](scripted_peer& client) {
        client.log_in();
        client.read_to_end();
    });
    const auto connection = server.connect();
    batch_item item;
    item.sql = "SELECT 7";
    EXPECT_THROW(run(*connection, std::span(&item, 1), std::chrono::milliseconds(30)), timed_out);
    EXPECT_FALSE(connection->usable());
}

TEST(hostile_server, silence_at_login_ends_at_the_deadline) {
    const scripted_server server([](scripted_peer& client) { client.read_to_end(); });
    settings where = server.where();
    where.connect_timeout = std::chrono::milliseconds(30);
    const auto to = make_connector(where);
    EXPECT_THROW((void)io::run(to->connect(), call_options(soon)), connect_failed);
    where.connect_timeout = soon;
    const auto patient = make_connector(where);
    EXPECT_THROW((void)io::run(patient->connect(), call_options(std::chrono::milliseconds(30))), timed_out);
}

TEST(hostile_server, silence_of_one_server_leaves_time_for_the_next) {
    const scripted_server silent([](scripted_peer& client) { client.read_to_end(); });
    const scripted_server server([](scripted_peer& client) {
        client.log_in();
        client.read_to_end();
    });
    settings where = silent.where();
    where.servers.push_back(server.where().servers[0]);
    const auto to = make_connector(where); // each may take 10 seconds, all of them together 2
    EXPECT_NE(io::run(to->connect(), call_options(std::chrono::seconds(2))), nullptr);
}

// Whether a commit took place, when the connection ends somewhere on the way.

std::vector<batch_item> transfer_of_money() {
    std::vector<batch_item> items(3);
    items[0].sql = "BEGIN";
    items[1].sql = "UPDATE t SET a = 1";
    items[2].sql = "COMMIT";
    for (batch_item& item : items)
        item.utility = true;
    return items;
}

std::string done(std::string_view tag) {
    return message('1') + message('2') + message('C', std::string(tag) + '\0');
}

template <class Error>
void expect_transaction_ends_with(std::string answer) {
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('S');
        client.send(answer);
    });
    const auto connection = server.connect();
    auto items = transfer_of_money();
    EXPECT_THROW(run(*connection, items), Error) << answer;
}

TEST(hostile_server, connection_lost_before_the_answer_to_commit_leaves_its_outcome_unknown) {
    const std::string fatal = error_message({"SFATAL", "C57P01", "Mgone"});
    expect_transaction_ends_with<commit_outcome_unknown>("");
    expect_transaction_ends_with<commit_outcome_unknown>(done("BEGIN"));
    expect_transaction_ends_with<commit_outcome_unknown>(done("BEGIN") + done("UPDATE 1"));
    expect_transaction_ends_with<commit_outcome_unknown>(done("BEGIN") + done("UPDATE 1") + message('1') +
                                                         message('2'));
    expect_transaction_ends_with<commit_outcome_unknown>(done("BEGIN") + done("UPDATE 1") + message('1') +
                                                         message('2') + fatal);
    // The commit has been answered, but the batch has not come to its end: it must not be called a failure.
    expect_transaction_ends_with<commit_outcome_unknown>(done("BEGIN") + done("UPDATE 1") + done("COMMIT"));
    // The server said that it ended, before it came to the commit.
    expect_transaction_ends_with<connection_lost>(fatal);
    expect_transaction_ends_with<connection_lost>(done("BEGIN") + fatal);
    expect_transaction_ends_with<connection_lost>(done("BEGIN") + done("UPDATE 1") + fatal);
}

template <class Error>
void expect_statement_ends_with(std::string_view sql, std::string answer) {
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('S');
        client.send(message('1') + message('t', "\0\0"s) + message('n') + message('Z', "I"));
        client.read_until('S');
        client.send(answer);
    });
    const auto connection = server.connect();
    batch_item item;
    item.sql = sql;
    EXPECT_THROW(run(*connection, std::span(&item, 1)), Error) << sql;
}

TEST(hostile_server, statement_that_commits_by_itself_leaves_its_outcome_unknown) {
    expect_statement_ends_with<commit_outcome_unknown>("INSERT INTO t VALUES (1)", "");
    expect_statement_ends_with<commit_outcome_unknown>("INSERT INTO t VALUES (1)",
                                                       message('2') + message('C', "INSERT 0 1\0"s));
    expect_statement_ends_with<connection_lost>("INSERT INTO t VALUES (1)",
                                                error_message({"SFATAL", "C57P01", "Mgone"}));
    expect_statement_ends_with<connection_lost>("SELECT 1 INTO", "");
}

TEST(hostile_server, every_cut_of_a_session_is_an_error_and_never_a_result) {
    const std::string login = message('R', "\0\0\0\0"s) + message('S', "client_encoding\0UTF8\0"s) +
                              message('K', "\0\0\0\1\0\0\0\2"s) + message('Z', "I");
    const std::vector<std::string> answers{login, prepared_answer(), executed_answer()};
    const std::size_t whole = answers[0].size() + answers[1].size() + answers[2].size();
    for (std::size_t size = 0; size <= whole; ++size) {
        const scripted_server server([&](scripted_peer& client) {
            client.read_startup();
            std::size_t left = size;
            for (const std::string& answer : answers) {
                if (&answer != answers.data()) client.read_until('S');
                client.send(answer.substr(0, left));
                left -= std::min(left, answer.size());
                if (left == 0) break;
            }
            if (size % 2 == 1) client.reset();
            if (size == whole) client.read_to_end();
        });
        try {
            const auto connection = server.connect();
            ASSERT_GE(size, login.size());
            EXPECT_EQ(select_seven(*connection), 7);
            ASSERT_EQ(size, whole);
        } catch (const connection_error&) {
            ASSERT_LT(size, whole);
        }
    }
}

TEST(hostile_server, rows_of_a_result_that_was_cut_off_are_not_left_pointing_into_the_connection) {
    std::string many;
    for (int i = 0; i < 20'000; ++i)
        many += message('D', "\0\1\0\0\0\4\0\0\0\7"s);
    const scripted_server server([&](scripted_peer& client) {
        client.log_in();
        client.read_until('S');
        client.send(prepared_answer());
        client.read_until('S');
        client.send(message('2') + many);
    });
    auto connection = server.connect();
    result found;
    batch_item item;
    item.sql = "SELECT 7";
    item.rows = &found;
    EXPECT_THROW(run(*connection, std::span(&item, 1)), connection_lost);
    connection.reset();
    for (std::size_t i = 0; i < found.size(); ++i)
        ASSERT_EQ(found[i].next().bytes, "\0\0\0\7"s);
}

TEST(hostile_server, answers_in_single_bytes_are_the_same_answers) {
    const scripted_server server([](scripted_peer& client) {
        client.log_in();
        client.read_until('S');
        for (const char byte : prepared_answer())
            client.send(std::string_view(&byte, 1));
        client.read_until('S');
        for (const char byte : executed_answer())
            client.send(std::string_view(&byte, 1));
        client.read_to_end();
    });
    const auto connection = server.connect();
    EXPECT_EQ(select_seven(*connection), 7);
}

} // namespace
} // namespace wharf::postgres
