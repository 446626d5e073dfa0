// A blocking listener over a PostgreSQL server, and observers of a pool.
#include "support/postgres_server.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/listener.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using kind = wharf::listener_event::kind;

class listener_pgtest : public testing::Test {
protected:
    [[nodiscard]] static wharf::call_options soon() { return {20s}; }
    [[nodiscard]] static std::string payload_of(const wharf::listener_event& event) {
        EXPECT_EQ(event.what(), kind::notified);
        return event.notification().payload;
    }
    void terminate_listeners() const {
        database_.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = "
                          "current_database() AND query LIKE 'LISTEN%'");
    }
    template <class Condition>
    static bool eventually(Condition holds) {
        for (int i = 0; i < 2000; ++i) {
            if (holds()) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }

    wharf::test::database database_;
    wharf::pool pool_{database_.url(), {.min_size = 0, .max_size = 2}};
};

TEST_F(listener_pgtest, notification__arrives_with_channel_payload_and_sender) {
    wharf::listener listener{database_.url()};
    listener.listen("orders", soon());
    auto conn = pool_.acquire();
    const auto sender = conn.query<std::int32_t>("SELECT pg_backend_pid()").one();
    conn.notify("orders", "quotes ' \" and \\, umlauts \u00e4\u00f6\u00fc, \u6f22\u5b57");
    const auto event = listener.next(soon());
    EXPECT_EQ(payload_of(event), "quotes ' \" and \\, umlauts \u00e4\u00f6\u00fc, \u6f22\u5b57");
    EXPECT_EQ(event.notification().channel, "orders");
    EXPECT_EQ(event.notification().sender, sender);
}

TEST_F(listener_pgtest, channel_name__is_taken_as_it_is) {
    wharf::listener listener{database_.url()};
    const std::string odd = "Odd \"name\"; DROP TABLE t; --";
    listener.listen(odd, soon());
    auto conn = pool_.acquire();
    conn.notify("odd \"name\"; drop table t; --", "not this");
    conn.notify(odd, "this");
    EXPECT_EQ(payload_of(listener.next(soon())), "this");
    EXPECT_THROW(listener.listen(""), wharf::usage_error);
    EXPECT_THROW(listener.listen(std::string(64, 'x')), wharf::usage_error);
    EXPECT_THROW(listener.listen(std::string("a\0b", 3)), wharf::usage_error);
    EXPECT_THROW(conn.notify(std::string(64, 'x'), ""), wharf::database_error);
    EXPECT_THROW(conn.notify("c", std::string(8000, 'x')), wharf::database_error);
    conn.notify(odd, std::string(7999, 'x'));
    EXPECT_EQ(payload_of(listener.next(soon())).size(), 7999U);
}

TEST_F(listener_pgtest, unlisten__ends_one_channel_and_not_the_others) {
    wharf::listener listener{database_.url()};
    listener.listen("a", soon());
    listener.listen("b", soon());
    listener.unlisten("a", soon());
    EXPECT_EQ(listener.stats().channels, 1U);
    auto conn = pool_.acquire();
    conn.notify("a", "1");
    conn.notify("b", "2");
    EXPECT_EQ(payload_of(listener.next(soon())), "2");
}

TEST_F(listener_pgtest, ten_thousand_notifications__arrive_in_order) {
    wharf::listener listener{database_.tls_url()};
    listener.listen("count", soon());
    database_.execute("SELECT pg_notify('count', i::text) FROM generate_series(1, 10000) i");
    for (int i = 1; i <= 10000; ++i)
        ASSERT_EQ(payload_of(listener.next(soon())), std::to_string(i));
    EXPECT_EQ(listener.stats().dropped, 0U);
}

TEST_F(listener_pgtest, slow_consumer__is_told_how_much_it_missed) {
    wharf::listener listener{database_.url(), {.max_queued = 10}};
    listener.listen("count", soon());
    database_.execute("SELECT pg_notify('count', i::text) FROM generate_series(1, 1000) i");
    ASSERT_TRUE(eventually([&] { return listener.stats().received == 1000; }));
    for (int i = 1; i <= 10; ++i)
        EXPECT_EQ(payload_of(listener.next(soon())), std::to_string(i));
    const auto gap = listener.next(soon());
    EXPECT_EQ(gap.what(), kind::gap);
    EXPECT_EQ(gap.dropped(), 990U);
    EXPECT_EQ(listener.stats().dropped, 990U);
    pool_.acquire().notify("count", "after");
    EXPECT_EQ(payload_of(listener.next(soon())), "after");
}

TEST_F(listener_pgtest, connection_that_is_terminated__is_replaced_with_all_channels_and_reported) {
    wharf::listener listener{database_.url()};
    listener.listen("a", soon());
    listener.listen("b", soon());
    for (int round = 1; round <= 3; ++round) {
        terminate_listeners();
        EXPECT_EQ(listener.next(soon()).what(), kind::reconnected);
        auto conn = pool_.acquire();
        conn.notify("a", "1");
        conn.notify("b", "2");
        EXPECT_EQ(payload_of(listener.next(soon())), "1");
        EXPECT_EQ(payload_of(listener.next(soon())), "2");
    }
    EXPECT_EQ(listener.stats().connections, 4U);
}

TEST_F(listener_pgtest, server_that_is_restarted__is_found_again) {
    wharf::support::throwaway_postgres server;
    wharf::listener listener{server.address().socket_url("postgres")};
    listener.listen("a", soon());
    server.stop();
    server.start();
    EXPECT_EQ(listener.next(soon()).what(), kind::reconnected);
    wharf::pool pool{server.address().socket_url("postgres"), {.min_size = 0}};
    pool.acquire().notify("a", "again");
    EXPECT_EQ(payload_of(listener.next(soon())), "again");
}

TEST_F(listener_pgtest, wait__ends_at_its_deadline_and_by_its_token_and_loses_nothing) {
    wharf::listener listener{database_.url()};
    listener.listen("a", soon());
    EXPECT_THROW(static_cast<void>(listener.next({20ms})), wharf::timed_out);
    std::stop_source stop;
    std::jthread stopper([&stop] { stop.request_stop(); });
    EXPECT_THROW(static_cast<void>(listener.next(stop.get_token())), wharf::cancelled);
    pool_.acquire().notify("a", "still here");
    EXPECT_EQ(payload_of(listener.next(soon())), "still here");
}

TEST_F(listener_pgtest, silent_connection__is_asked_for_an_answer_and_kept) {
    wharf::listener listener{database_.url(), {.keepalive = 5ms}};
    listener.listen("a", soon());
    EXPECT_THROW(static_cast<void>(listener.next({100ms})), wharf::timed_out);
    pool_.acquire().notify("a", "1");
    EXPECT_EQ(payload_of(listener.next(soon())), "1");
    EXPECT_EQ(listener.stats().connections, 1U);
}

TEST_F(listener_pgtest, connection_that_can_never_be_made__is_said_so_at_once) {
    wharf::listener listener{"postgresql://" + wharf::test::postgres_server().user +
                             "@/no_such_database?host=" + wharf::test::postgres_server().socket_directory +
                             "&port=" + wharf::test::postgres_server().port};
    try {
        listener.listen("a", soon());
        FAIL() << "connected";
    } catch (const wharf::error& refused) {
        EXPECT_THAT(refused.what(), testing::HasSubstr("no_such_database"));
    }
    EXPECT_GE(listener.stats().connect_failures, 1U);
}

TEST_F(listener_pgtest, end_of_the_listener__ends_its_connection) {
    {
        wharf::listener listener{database_.url()};
        listener.listen("a", soon());
        EXPECT_TRUE(eventually([this] { return database_.connections() == 1; }));
    }
    EXPECT_TRUE(eventually([this] { return database_.connections() == 0; }));
}

TEST_F(listener_pgtest, sqlite__has_no_channels) {
    EXPECT_THROW(wharf::listener{"sqlite://"}, wharf::usage_error);
    wharf::pool pool{"sqlite://"};
    auto conn = pool.acquire();
    EXPECT_THROW(conn.notify("a", "b"), wharf::usage_error);
}

// Keeps what servers say.
class note_taker final : public wharf::statement_observer {
public:
    void on_notice(const wharf::diagnostic& notice) override {
        note(notice.severity + " " + notice.sqlstate + " " + notice.message + " " + notice.detail + " " + notice.hint);
    }
    void on_parameter_change(std::string_view name, std::string_view value) override {
        note(std::string(name) + "=" + std::string(value));
    }
    void on_notification(const wharf::notification_view& arrived) override {
        note(std::string(arrived.channel) + ":" + std::string(arrived.payload));
    }
    [[nodiscard]] std::vector<std::string> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(notes_, {});
    }

private:
    void note(std::string text) {
        const std::lock_guard lock(mutex_);
        notes_.push_back(std::move(text));
    }
    std::mutex mutex_{};
    std::vector<std::string> notes_{};
};

TEST_F(listener_pgtest, observer_of_a_pool__sees_notices_changed_settings_and_notifications) {
    note_taker seen;
    wharf::pool pool{database_.url(), {.min_size = 0, .observer = &seen}};
    auto conn = pool.acquire();
    EXPECT_THAT(seen.take(), testing::IsEmpty()) << "what is reported at login has not changed";
    conn.execute("DO $$ BEGIN RAISE NOTICE 'look' USING DETAIL = 'closely', HINT = 'now', ERRCODE = '01W01'; END $$");
    EXPECT_THAT(seen.take(), testing::ElementsAre("NOTICE 01W01 look closely now"));
    conn.execute("SET timezone TO 'Asia/Tokyo'");
    EXPECT_THAT(seen.take(), testing::ElementsAre("TimeZone=Asia/Tokyo"));
    conn.execute("LISTEN here");
    conn.notify("here", "I am");
    EXPECT_THAT(seen.take(), testing::ElementsAre("here:I am"));
}

TEST_F(listener_pgtest, observer__sees_notices_of_a_copy) {
    note_taker seen;
    auto conn = pool_.acquire();
    conn.execute("CREATE TABLE t(n int)");
    conn.execute("CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "RAISE NOTICE 'row %', NEW.n; RETURN NEW; END $$");
    conn.execute("CREATE TRIGGER told BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tell()");
    conn.observe(&seen);
    EXPECT_EQ(conn.copy_in_text("COPY t FROM STDIN", std::string("1\n2\n")).rows, 2U);
    conn.observe(nullptr);
    EXPECT_THAT(seen.take(), testing::ElementsAre("NOTICE 00000 row 1  ", "NOTICE 00000 row 2  "));
}

TEST_F(listener_pgtest, observer_of_a_connection__sees_it_until_it_is_given_back) {
    note_taker always;
    wharf::pool pool{database_.url(), {.min_size = 0, .max_size = 1, .observer = &always}};
    {
        note_taker seen;
        auto conn = pool.acquire();
        conn.observe(&seen);
        conn.execute("DO $$ BEGIN RAISE WARNING 'both'; END $$");
        EXPECT_THAT(seen.take(), testing::ElementsAre("WARNING 01000 both  "));
        EXPECT_THAT(always.take(), testing::ElementsAre("WARNING 01000 both  "));
    }
    auto conn = pool.acquire();
    conn.execute("DO $$ BEGIN RAISE WARNING 'one'; END $$");
    EXPECT_THAT(always.take(), testing::Contains("WARNING 01000 one  "));
}

TEST_F(listener_pgtest, canceller_of_a_lease__has_no_effect_on_the_next_borrower) {
    wharf::pool pool{database_.url(), {.min_size = 0, .max_size = 1}};
    auto conn = pool.acquire();
    const auto stop = conn.canceller();
    conn.release();
    conn = pool.acquire();
    std::jthread stopper([stop](const std::stop_token& done) {
        while (!done.stop_requested())
            EXPECT_FALSE(stop.request());
    });
    conn.execute("SELECT pg_sleep(0.05)");
}

} // namespace
