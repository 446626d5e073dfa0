// What servers say without being asked: notifications, notices, settings that have changed.
#include "kinds_of_server.hpp"

#include "wharf/base/error.hpp"

#include <sys/eventfd.h>

#include <map>
#include <utility>
#include <vector>

namespace wharf::postgres {
namespace {

using namespace std::chrono_literals;

struct recorder final : statement_observer {
    void on_notice(const diagnostic& notice) override { notices.push_back(notice.message); }
    void on_parameter_change(std::string_view name, std::string_view value) override {
        settings[std::string(name)] = value;
    }
    void on_notification(const notification_view& arrived) override {
        notifications.emplace_back(arrived.channel, arrived.payload);
    }

    std::vector<std::string> notices{};
    std::map<std::string, std::string> settings{};
    std::vector<std::pair<std::string, std::string>> notifications{};
};

class server_says_pgtest : public each_server {
protected:
    server_says_pgtest() { connection_->observe(&said_); }
    void listen(duration longest) { io::run(connection_->listen(never_), call_options(longest)); }

    recorder said_{};
    io::descriptor never_{::eventfd(0, EFD_CLOEXEC)}; // interrupts nothing
};

TEST_P(server_says_pgtest, notice_reaches_the_observer) {
    execute(*connection_, "DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING 'second'; END $$");
    EXPECT_EQ(said_.notices, (std::vector<std::string>{"first", "second"}));
}

TEST_P(server_says_pgtest, setting_that_changes_reaches_the_observer) {
    execute(*connection_, "SET TimeZone TO 'Asia/Tokyo'");
    EXPECT_EQ(said_.settings["TimeZone"], "Asia/Tokyo");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT current_setting('TimeZone')").one(), "Asia/Tokyo");
}

class server_notifications_pgtest : public server_says_pgtest {};

TEST_P(server_notifications_pgtest, notifications_of_others_arrive_while_nothing_runs) {
    execute(*connection_, "LISTEN news");
    std::vector<std::pair<std::string, std::string>> sent;
    for (int i = 0; i < 20; ++i) {
        sent.emplace_back("news", std::to_string(i));
        database_.execute("NOTIFY news, '" + std::to_string(i) + "'");
        while (said_.notifications.size() < sent.size())
            listen(20s);
    }
    EXPECT_EQ(said_.notifications, sent);
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
}

TEST_P(server_notifications_pgtest, notifications_arrive_with_the_answer_to_a_statement) {
    execute(*connection_, "LISTEN news");
    execute(*connection_, "SELECT pg_notify('news', $1)", "of its own");
    while (said_.notifications.empty())
        listen(20s);
    EXPECT_EQ(said_.notifications.front().second, "of its own");
    execute(*connection_, "UNLISTEN news");
    database_.execute("NOTIFY news");
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
    EXPECT_EQ(said_.notifications.size(), 1U);
}

// The session that listens goes back to the pooler, which has nobody to tell.
class server_without_notifications_pgtest : public server_says_pgtest {};

TEST_P(server_without_notifications_pgtest, notification_does_not_arrive_and_waiting_for_it_ends_at_its_deadline) {
    execute(*connection_, "LISTEN news");
    database_.execute("NOTIFY news");
    EXPECT_THROW(listen(200ms), timed_out);
    EXPECT_TRUE(said_.notifications.empty());
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
}

INSTANTIATE_TEST_SUITE_P(of, server_says_pgtest,
                         testing::Values(postgres15, postgres18, pgbouncer_session, pgbouncer_transaction, pgpool),
                         name_of_kind);
INSTANTIATE_TEST_SUITE_P(of, server_notifications_pgtest,
                         testing::Values(postgres15, postgres18, pgbouncer_session, pgpool), name_of_kind);
INSTANTIATE_TEST_SUITE_P(of, server_without_notifications_pgtest, testing::Values(pgbouncer_transaction), name_of_kind);

} // namespace
} // namespace wharf::postgres
