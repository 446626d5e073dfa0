// A blocking pool over SQLite files and databases in memory.
#include "unit/sqlite/fixture.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <thread>

namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class sqlite_pool : public wharf::testing::sqlite_file {};

TEST_F(sqlite_pool, two_requests_in_turn__share_a_connection_that_was_open_before) {
    wharf::pool pool{url(), {.min_size = 2, .max_size = 10}};
    pool.open();
    EXPECT_EQ(pool.stats().idle, 2U);
    {
        auto conn = pool.acquire();
        conn.execute("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
        EXPECT_EQ(conn.execute("INSERT INTO users(name) VALUES ($1), ($2)", "Ann", std::string("Bob")).rows, 2U);
    }
    auto conn = pool.acquire();
    std::vector<std::string> names;
    for (auto& [id, name] :
         conn.query<std::int64_t, std::string>("SELECT id, name FROM users WHERE id > $1 ORDER BY id", 0))
        names.push_back(name);
    EXPECT_THAT(names, ::testing::ElementsAre("Ann", "Bob"));
    EXPECT_EQ(pool.stats().opened, 2U);
    EXPECT_EQ(pool.stats().reused, 1U);
}

TEST_F(sqlite_pool, transaction_not_committed__leaves_nothing) {
    wharf::pool pool{url()};
    pool.acquire().execute("CREATE TABLE t(n INTEGER)");
    {
        auto conn = pool.acquire();
        auto tx = conn.begin();
        conn.execute("INSERT INTO t VALUES (1)");
    }
    {
        auto conn = pool.acquire();
        auto tx = conn.begin();
        conn.execute("INSERT INTO t VALUES (2)");
        {
            auto inner = tx.savepoint();
            conn.execute("INSERT INTO t VALUES (3)");
        }
        tx.commit();
    }
    EXPECT_EQ(pool.acquire().query<std::int64_t>("SELECT n FROM t").one(), 2);
}

TEST_F(sqlite_pool, threads_write_in_transactions__all_of_it_arrives) {
    wharf::pool pool{url(), {.max_size = 3}};
    pool.acquire().execute("CREATE TABLE counter AS SELECT 0 AS n");
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&pool] {
            for (int round = 0; round < 25; ++round) {
                auto conn = pool.acquire();
                auto tx = conn.begin({.immediate = true});
                const auto n = conn.query<std::int64_t>("SELECT n FROM counter").one();
                conn.execute("UPDATE counter SET n = $1", n + 1);
                tx.commit();
            }
        });
    }
    threads.clear();
    EXPECT_EQ(pool.acquire().query<std::int64_t>("SELECT n FROM counter").one(), 100);
    pool.close();
    EXPECT_EQ(pool.stats().opened, pool.stats().closed.total());
}

TEST_F(sqlite_pool, database_in_memory__is_one_connection) {
    wharf::pool pool{"sqlite://", {.max_size = 5}};
    {
        auto conn = pool.acquire();
        conn.execute("CREATE TABLE t AS SELECT 7 AS n");
        EXPECT_THROW(static_cast<void>(pool.acquire({10ms})), wharf::acquire_timeout);
    }
    EXPECT_EQ(pool.acquire().query<std::int64_t>("SELECT n FROM t").one(), 7);
    EXPECT_EQ(pool.stats().limit, 1U);
}

TEST_F(sqlite_pool, file_that_cannot_be_opened__open_says_why) {
    wharf::pool pool{"sqlite:////nowhere/at/all.db"};
    EXPECT_THROW(pool.open(), wharf::error);
}

TEST_F(sqlite_pool, file_that_cannot_be_opened__acquire_says_why_instead_of_waiting) {
    wharf::pool pool{"sqlite:////nowhere/at/all.db"};
    for (int tries = 0; tries < 2; ++tries) {
        try {
            static_cast<void>(pool.acquire());
            FAIL();
        } catch (const wharf::connect_failed& error) {
            EXPECT_FALSE(error.is_transient());
            EXPECT_THAT(error.what(), testing::HasSubstr("/nowhere/at does not exist"));
        }
    }
}

TEST_F(sqlite_pool, url_of_an_unknown_backend__is_refused_when_the_pool_is_made) {
    EXPECT_THROW(wharf::pool("oracle://db/x"), wharf::configuration_error);
}

TEST_F(sqlite_pool, lease_outlives_the_pool) {
    auto conn = wharf::pool(url()).acquire();
    EXPECT_EQ(conn.query<std::int64_t>("SELECT 1").one(), 1);
}

TEST_F(sqlite_pool, canceller__stops_the_statement_that_runs_and_the_connection_goes_on) {
    wharf::pool pool{url()};
    auto conn = pool.acquire();
    const auto stop = conn.canceller();
    EXPECT_FALSE(stop.request()) << "nothing runs";
    std::jthread stopper([stop](const std::stop_token& done) {
        while (!done.stop_requested())
            static_cast<void>(stop.request());
    });
    EXPECT_THROW(conn.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"),
                 wharf::query_canceled);
    stopper = {};
    EXPECT_EQ(conn.query<std::int64_t>("SELECT 7").one(), 7);
}

TEST_F(sqlite_pool, closed_while_a_statement_runs__it_fails_when_the_time_is_over) {
    wharf::pool pool{url(), {.min_size = 1, .max_size = 1, .close_timeout = 50ms}};
    auto conn = pool.acquire();
    std::jthread counter([&conn] {
        EXPECT_THAT(
            [&] {
                conn.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
            },
            ThrowsMessage<wharf::connection_lost>(HasSubstr("the pool was closed")));
    });
    EXPECT_THROW(pool.close(), wharf::timed_out);
    counter.join();
    EXPECT_THAT([&] { conn.execute("SELECT 1"); },
                ThrowsMessage<wharf::connection_lost>(HasSubstr("the pool was closed")));
}

TEST_F(sqlite_pool, statement_beyond_its_time__names_the_statement_and_the_limit) {
    wharf::pool pool{url(), {.min_size = 1, .max_size = 1}};
    auto conn = pool.acquire();
    EXPECT_THAT(
        [&] {
            conn.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
                         wharf::call_options(30ms));
        },
        ThrowsMessage<wharf::timed_out>(AllOf(HasSubstr("the limit was 30 ms"), HasSubstr("WITH RECURSIVE n(i)"))));
}

TEST_F(sqlite_pool, token_stopped_beforehand__no_connection_is_taken) {
    wharf::pool pool{url(), {.min_size = 1, .max_size = 1}};
    pool.open();
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(static_cast<void>(pool.acquire(stop.get_token())), wharf::cancelled);
    EXPECT_EQ(pool.stats().cancelled, 1U);
    EXPECT_EQ(pool.stats().acquired, 0U);
}

void insert_and_throw(wharf::connection& conn) {
    auto tx = conn.begin();
    conn.execute("INSERT INTO t VALUES (1)");
    throw std::runtime_error("the caller's");
}

TEST_F(sqlite_pool, transaction_left_by_an_exception__passes_the_write_gate_on_while_the_lease_goes_on) {
    wharf::pool pool{url(), {.max_size = 2}};
    pool.acquire().execute("CREATE TABLE t(n INTEGER)");
    auto conn = pool.acquire();
    EXPECT_THROW(insert_and_throw(conn), std::runtime_error);
    EXPECT_EQ(pool.acquire().execute("INSERT INTO t VALUES (2)", wharf::call_options(1s)).rows, 1U);
    EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM t").one(), 1);
}

TEST_F(sqlite_pool, lease_given_back_in_a_transaction__connection_is_idle_at_once) {
    wharf::pool pool{url(), {.max_size = 1}};
    pool.acquire().execute("CREATE TABLE t(n INTEGER)");
    {
        auto conn = pool.acquire();
        conn.core().begin();
        conn.execute("INSERT INTO t VALUES (1)");
    }
    EXPECT_EQ(pool.stats().idle, 1U);
    EXPECT_EQ(pool.acquire().query<std::int64_t>("SELECT count(*) FROM t").one(), 0);
}

} // namespace
