// A blocking pool over a PostgreSQL server.
#include "support/postgres_server.hpp"
#include "support/soon.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

class postgres_pool : public testing::Test {
protected:
    [[nodiscard]] static std::int64_t backend_of(wharf::connection& conn) {
        return conn.query<std::int64_t>("SELECT pg_backend_pid()::int8").one();
    }
    void terminate(std::int64_t backend) const {
        database.execute("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 5000)");
    }

    wharf::test::database database;
};

TEST_F(postgres_pool, two_requests_in_turn__share_a_connection_that_was_open_before) {
    wharf::pool pool{database.url(), {.min_size = 2, .max_size = 10}};
    pool.open();
    EXPECT_EQ(database.connections(), 2);
    std::int64_t first = 0;
    {
        auto conn = pool.acquire();
        first = backend_of(conn);
    }
    auto conn = pool.acquire();
    EXPECT_EQ(backend_of(conn), first);
    EXPECT_EQ(pool.stats().reused, 1U);
    EXPECT_EQ(pool.stats().opened, 2U);
}

TEST_F(postgres_pool, keywords_and_values_with_two_hosts__lead_to_the_one_that_is_there) {
    const auto& server = wharf::test::postgres_server();
    wharf::pool pool{"host=/nonexistent," + server.socket_directory + " port=5432," + server.port +
                         " user=" + server.user + " dbname='" + database.name() + "' target_session_attrs=read-write",
                     {.max_size = 2}};
    auto conn = pool.acquire();
    EXPECT_EQ(conn.query<std::string>("SELECT current_database()::text").one(), database.name());
}

TEST_F(postgres_pool, query_with_values__reads_rows) {
    wharf::pool pool{database.url()};
    auto conn = pool.acquire();
    conn.execute("CREATE TABLE users(id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)");
    const auto id = conn.query<std::int64_t>("INSERT INTO users(name) VALUES ($1) RETURNING id", "Ann").one();
    EXPECT_EQ(id, 1);
    EXPECT_EQ(conn.execute("UPDATE users SET name = $1 WHERE id = $2", "Bob", id).rows, 1U);
    for (auto& [key, name] : conn.query<std::int64_t, std::string>("SELECT id, name FROM users")) {
        EXPECT_EQ(key, 1);
        EXPECT_EQ(name, "Bob");
    }
    EXPECT_THROW(conn.execute("INSERT INTO users(name) VALUES ($1)", std::nullopt), wharf::not_null_violation);
}

TEST_F(postgres_pool, returned_in_transaction__is_rolled_back_and_the_same_backend_is_reused) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    pool.acquire().execute("CREATE TABLE t(n int)");
    std::int64_t backend = 0;
    {
        auto conn = pool.acquire();
        backend = backend_of(conn);
        auto tx = conn.begin();
        conn.execute("INSERT INTO t VALUES (1)");
    }
    EXPECT_TRUE(wharf::test::soon([&] {
        return database.value("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND granted") == "0";
    }));
    EXPECT_TRUE(wharf::test::soon([&] { return pool.stats().cleaned == 1; }));
    auto conn = pool.acquire();
    EXPECT_EQ(backend_of(conn), backend);
    EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM t").one(), 0);
}

TEST_F(postgres_pool, returned_in_a_failed_transaction__is_rolled_back_too) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    {
        auto conn = pool.acquire();
        auto tx = conn.begin();
        EXPECT_THROW(conn.execute("SELECT 1 / 0"), wharf::data_error);
        EXPECT_THROW(tx.commit(), wharf::transaction_aborted);
    }
    auto conn = pool.acquire();
    EXPECT_EQ(conn.query<std::int64_t>("SELECT 1::int8").one(), 1);
    EXPECT_EQ(pool.stats().closed.total(), 0U);
}

TEST_F(postgres_pool, what_a_borrower_leaves_behind__the_next_one_does_not_see) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    std::int64_t backend = 0;
    {
        auto conn = pool.acquire();
        backend = backend_of(conn);
        conn.execute("CREATE ROLE pool_test_role");
        conn.execute("SET ROLE pool_test_role");
        conn.execute("RESET ROLE");
        conn.execute("SET search_path TO pg_catalog");
        conn.execute("SET timezone TO 'Asia/Tokyo'");
        conn.execute("SET default_transaction_read_only TO on");
        conn.execute("SET default_transaction_read_only TO off");
        conn.execute("CREATE TEMPORARY TABLE left_behind(n int)");
        conn.execute("LISTEN a_channel");
        conn.execute("SELECT pg_advisory_lock(42)");
        conn.execute("PREPARE left_over AS SELECT 1");
        conn.execute("DECLARE a_cursor CURSOR WITH HOLD FOR SELECT 1");
        conn.execute("SELECT set_config('app.user', 'Ann', false)");
        conn.execute("SET ROLE pool_test_role");
    }
    auto conn = pool.acquire();
    EXPECT_EQ(backend_of(conn), backend);
    const auto text = [&conn](std::string_view sql) { return conn.query<std::string>(wharf::raw_sql(sql)).one(); };
    EXPECT_EQ(text("SELECT (current_user = session_user)::text"), "true");
    EXPECT_THAT(text("SHOW search_path"), HasSubstr("public"));
    EXPECT_NE(text("SHOW timezone"), "Asia/Tokyo");
    EXPECT_EQ(text("SELECT coalesce(to_regclass('left_behind')::text, 'gone')"), "gone");
    EXPECT_EQ(text("SELECT count(*)::text FROM pg_listening_channels()"), "0");
    EXPECT_EQ(text("SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"), "0");
    EXPECT_EQ(text("SELECT count(*)::text FROM pg_prepared_statements WHERE from_sql"), "0");
    EXPECT_EQ(text("SELECT count(*)::text FROM pg_cursors WHERE is_holdable"), "0");
    EXPECT_EQ(text("SELECT coalesce(current_setting('app.user', true), '')"), "");
    conn.execute("DROP ROLE pool_test_role");
}

TEST_F(postgres_pool, acquire_query_release__is_one_round_trip_warm_and_two_cold) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    std::vector<std::uint64_t> trips;
    for (int i = 0; i < 3; ++i) {
        auto conn = pool.acquire();
        const auto& counters = conn.core().underlying().counters();
        const auto before = counters.round_trips;
        static_cast<void>(conn.query<std::int64_t>("SELECT $1::int8", i));
        trips.push_back(counters.round_trips - before);
    }
    EXPECT_THAT(trips, testing::ElementsAre(2, 1, 1)) << "the reset travels in front of the next statement";
}

TEST_F(postgres_pool, backend_terminated_while_idle__next_borrower_gets_a_good_connection) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1, .validate_after_idle = 0s}};
    std::int64_t backend = 0;
    {
        auto conn = pool.acquire();
        backend = backend_of(conn);
    }
    terminate(backend);
    auto conn = pool.acquire({10s});
    EXPECT_NE(backend_of(conn), backend);
}

TEST_F(postgres_pool, backend_terminated_while_lent__statement_fails_and_the_slot_is_free_again) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    {
        auto conn = pool.acquire();
        terminate(backend_of(conn));
        EXPECT_THROW(conn.execute("SELECT 1"), wharf::error);
    }
    auto conn = pool.acquire({10s});
    EXPECT_EQ(conn.query<std::int64_t>("SELECT 1::int8").one(), 1);
    EXPECT_EQ(pool.stats().closed.broken, 1U);
}

TEST_F(postgres_pool, statement_times_out__connection_is_replaced_and_the_server_stops_working) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    {
        auto conn = pool.acquire();
        EXPECT_THROW(conn.execute("SELECT pg_sleep(60)", wharf::call_options(100ms)), wharf::timed_out);
    }
    auto conn = pool.acquire({15s});
    EXPECT_EQ(conn.query<std::int64_t>("SELECT 1::int8").one(), 1);
    EXPECT_TRUE(wharf::test::soon([&] { return database.connections() == 1; }))
        << "the server still works on what nobody wants";
}

TEST_F(postgres_pool, hundred_borrowers_in_threads__never_more_than_the_limit_and_the_books_balance) {
    wharf::pool pool{database.url(), {.min_size = 2, .max_size = 4, .max_overflow = 1}};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&pool] {
            for (int round = 0; round < 10; ++round)
                EXPECT_EQ(pool.acquire().query<std::int64_t>("SELECT $1::int8", round).one(), round);
        });
    }
    threads.clear();
    EXPECT_LE(pool.stats().peak_lent, 5U);
    EXPECT_EQ(pool.stats().acquired, 100U);
    EXPECT_TRUE(wharf::test::soon([&] {
        const auto now = pool.stats();
        return static_cast<std::int64_t>(now.idle) == database.connections() &&
               now.opened - now.closed.total() == now.idle;
    }));
    pool.close();
    EXPECT_TRUE(wharf::test::soon([&] { return database.connections() == 0; }));
}

TEST_F(postgres_pool, database_that_does_not_exist__fails_open_and_acquire_at_once) {
    wharf::pool pool{wharf::test::postgres_server().socket_url("no_such_database"), {.acquire_timeout = 20s}};
    EXPECT_THROW(pool.open(), wharf::configuration_error);
    const auto began = wharf::clock::now();
    EXPECT_THROW(static_cast<void>(pool.acquire()), wharf::configuration_error);
    EXPECT_LT(wharf::clock::now() - began, 10s);
}

TEST_F(postgres_pool, wrong_password__fails_at_once_and_is_in_no_message) {
    wharf::database_url url(database.tcp_url());
    auto text = database.tcp_url();
    const auto password = *url.password();
    text.replace(text.find(password), password.size(), "canary-4711");
    wharf::pool pool{text};
    try {
        pool.open();
        FAIL();
    } catch (const wharf::authentication_failed& error) {
        EXPECT_EQ(std::string(error.what()).find("canary"), std::string::npos);
    }
}

TEST_F(postgres_pool, nobody_listens__acquire_fails_at_its_deadline_and_says_where_it_tried) {
    wharf::pool pool{"postgresql://app@127.0.0.1:1/shop?sslmode=disable"};
    try {
        static_cast<void>(pool.acquire({300ms}));
        FAIL();
    } catch (const wharf::acquire_timeout& error) {
        EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:1"));
    }
}

TEST_F(postgres_pool, statement_beyond_its_time__names_the_statement_and_the_limit) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 2}};
    auto conn = pool.acquire();
    const auto says = [](const std::string& statement) {
        return ThrowsMessage<wharf::timed_out>(AllOf(HasSubstr("the limit was 60 ms"), HasSubstr(statement)));
    };
    EXPECT_THAT([&] { conn.execute("SELECT pg_sleep($1)", 60.0, wharf::call_options(60ms)); },
                says("while this ran: SELECT pg_sleep($1)"));
    conn = pool.acquire();
    EXPECT_THAT([&] { static_cast<void>(conn.script("SELECT 1; SELECT pg_sleep(60)", {}, wharf::call_options(60ms))); },
                says("SELECT 1; SELECT pg_sleep(60)"));
    conn = pool.acquire();
    auto tx = conn.begin();
    const std::string longer = "SELECT pg_sleep(60) --" + std::string(300, 'x');
    EXPECT_THAT(
        [&] { conn.execute(wharf::raw_sql(longer), wharf::call_options(60ms)); },
        ThrowsMessage<wharf::timed_out>(AllOf(HasSubstr(longer.substr(0, 200) + "..."), Not(HasSubstr("BEGIN")))));
}

TEST_F(postgres_pool, closed_while_a_statement_runs__it_fails_when_the_time_is_over) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1, .close_timeout = 100ms}};
    auto conn = pool.acquire();
    const auto says = ThrowsMessage<wharf::connection_lost>(HasSubstr("the pool was closed"));
    std::jthread sleeper([&] { EXPECT_THAT([&] { conn.execute("SELECT pg_sleep(60)"); }, says); });
    ASSERT_TRUE(wharf::test::soon([this] {
        return database.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != "0";
    }));
    EXPECT_THROW(pool.close(), wharf::timed_out);
    sleeper.join();
    EXPECT_THAT([&] { conn.execute("SELECT 1"); }, says);
    conn.release();
    EXPECT_TRUE(wharf::test::soon([&pool] { return pool.stats().total() == 0; }));
}

} // namespace
