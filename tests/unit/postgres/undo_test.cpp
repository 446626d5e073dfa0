// What is sent when a connection comes back, and an answer that is a refusal.
#include "scripted_server.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/io/blocking.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <span>
#include <string>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

const std::string begun = message('1') + message('2') + message('C', "BEGIN\0"s) + message('Z', "T");

batch_item statement(std::string_view sql) {
    batch_item item;
    item.sql = sql;
    item.utility = true;
    return item;
}

void run(driver& on, std::string_view sql) {
    batch_item item = statement(sql);
    io::run(on.run(std::span(&item, 1)));
    if (item.error) std::rethrow_exception(item.error);
}

/// A transaction is left, and `answer` is what the server does about its ROLLBACK; then `next` is called.
void leave_transaction(const std::function<void(scripted_peer&)>& answer, const std::function<void(driver&)>& next) {
    const scripted_server server([&answer](scripted_peer& client) {
        client.log_in();
        client.read_until('S');
        client.send(begun);
        client.read_until('S');
        answer(client);
    });
    const auto connection = server.connect();
    run(*connection, "BEGIN");
    EXPECT_TRUE(connection->undo_now(undo::transaction));
    EXPECT_EQ(connection->status(), transaction_status::idle);
    next(*connection);
}

TEST(undo, rollback_that_is_refused__nothing_behind_it_is_said_to_have_run) {
    leave_transaction(
        [](scripted_peer& client) {
            client.send(error_message({"SERROR", "CXX000", "Mno"}) + message('Z', "E"));
            client.read_to_end();
        },
        [](driver& connection) {
            EXPECT_THROW(run(connection, "COMMIT"), not_undone);
            EXPECT_FALSE(connection.usable());
        });
}

TEST(undo, rollback_that_is_refused_before_anybody_borrows__is_seen) {
    leave_transaction(
        [](scripted_peer& client) {
            client.send(error_message({"SERROR", "CXX000", "Mno"}) + message('Z', "E"));
            client.read_to_end();
        },
        [](driver& connection) {
            while (connection.still_open()) {
            }
            EXPECT_FALSE(connection.usable());
        });
}

TEST(undo, server_that_ends_the_connection_instead_and_says_so__has_run_nothing) {
    leave_transaction(
        [](scripted_peer& client) {
            client.read_until('S');
            client.send(error_message({"SFATAL", "C57P01", "Mshutting down"}));
        },
        [](driver& connection) { EXPECT_THROW(run(connection, "INSERT INTO t VALUES (1)"), not_undone); });
}

TEST(undo, server_that_ends_the_connection_behind_the_answer__is_lost_as_ever) {
    leave_transaction(
        [](scripted_peer& client) {
            client.read_until('S');
            client.send(message('1') + message('2') + message('C', "ROLLBACK\0"s) + message('Z', "I"));
            client.send(error_message({"SFATAL", "C57P01", "Mshutting down"}));
        },
        [](driver& connection) {
            try {
                run(connection, "SELECT 1");
                ADD_FAILURE() << "it was not lost";
            } catch (const not_undone&) {
                ADD_FAILURE() << "the rollback was answered";
            } catch (const connection_lost&) {
            }
        });
}

// The answer may have been lost on the way.
TEST(undo, end_without_a_word__leaves_a_commit_in_doubt) {
    leave_transaction(
        [](scripted_peer& client) { client.read_until('S'); },
        [](driver& connection) { EXPECT_THROW(run(connection, "INSERT INTO t VALUES (1)"), commit_outcome_unknown); });
}

} // namespace
} // namespace wharf::postgres
