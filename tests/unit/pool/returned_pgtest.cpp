// What a lease leaves on its connection, and when it is undone; connections that end while nobody uses them.
#include "support/postgres_server.hpp"
#include "support/soon.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/listener.hpp"
#include "wharf/pool/pool.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

class returned : public testing::Test {
protected:
    returned() { database.execute("CREATE TABLE t(n int)"); }

    [[nodiscard]] std::string locks(std::string_view what) const {
        return database.value("SELECT count(*) FROM pg_locks WHERE granted AND pid <> pg_backend_pid() AND database = "
                              "(SELECT oid FROM pg_database WHERE datname = current_database()) AND " +
                              std::string(what));
    }
    [[nodiscard]] std::string locks_of_table() const { return locks("relation = 't'::regclass"); }
    void terminate_all() const {
        database.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                         "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }
    [[nodiscard]] std::string url_for_writing() const {
        const auto url = database.url();
        return url + (url.find('?') == std::string::npos ? '?' : '&') + "target_session_attrs=read-write";
    }

    wharf::test::database database;
};

void insert_and_throw(wharf::connection& conn) {
    auto tx = conn.begin();
    conn.execute("INSERT INTO t VALUES (1)");
    throw std::runtime_error("the caller's");
}

TEST_F(returned, transaction_left_by_an_exception__is_rolled_back_while_the_lease_goes_on) {
    wharf::pool pool{database.url(), {.max_size = 1}};
    auto conn = pool.acquire();
    EXPECT_THROW(insert_and_throw(conn), std::runtime_error);
    EXPECT_TRUE(wharf::test::soon([&] { return locks_of_table() == "0"; }));
    EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM t").one(), 0);
    const auto before = conn.core().underlying().counters().round_trips;
    EXPECT_THROW(insert_and_throw(conn), std::runtime_error);
    EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM t").one(), 0);
    EXPECT_EQ(conn.core().underlying().counters().round_trips, before + 2) << "the ROLLBACK has no trip of its own";
    {
        auto tx = conn.begin();
        conn.execute("INSERT INTO t VALUES (2)");
        tx.commit();
    }
    EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM t").one(), 1);
}

TEST_F(returned, failed_transaction__is_rolled_back_without_a_wait) {
    wharf::pool pool{database.url(), {.max_size = 1}};
    auto conn = pool.acquire();
    {
        auto tx = conn.begin();
        EXPECT_THROW(conn.execute("SELECT 1 / 0"), wharf::data_error);
    }
    EXPECT_EQ(conn.query<std::int64_t>("SELECT 7::int8").one(), 7);
}

TEST_F(returned, lease_given_back_in_a_transaction__connection_is_idle_at_once) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    pool.open();
    {
        auto conn = pool.acquire();
        auto& core = conn.core();
        core.begin();
        conn.execute("INSERT INTO t VALUES (1)");
    }
    EXPECT_EQ(pool.stats().idle, 1U);
    EXPECT_EQ(pool.stats().cleaned, 1U);
    EXPECT_TRUE(wharf::test::soon([&] { return locks_of_table() == "0"; }));
    EXPECT_EQ(pool.acquire().query<std::int64_t>("SELECT count(*) FROM t").one(), 0);
    EXPECT_EQ(pool.stats().closed.total(), 0U);
}

TEST_F(returned, session_locks_listen_and_temporary_tables__are_undone_though_nobody_borrows) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    {
        auto conn = pool.acquire();
        static_cast<void>(conn.query<std::string>("SELECT pg_advisory_lock(1)::text"));
        conn.execute("LISTEN news");
        conn.execute("CREATE TEMP TABLE mine(n int)");
    }
    EXPECT_TRUE(wharf::test::soon([&] { return locks("locktype = 'advisory'") == "0"; }));
    EXPECT_TRUE(wharf::test::soon([&] { return pool.stats().idle == 1; }));
    EXPECT_EQ(pool.stats().cleaned, 1U);
    EXPECT_EQ(database.value("SELECT count(*) FROM pg_class WHERE relname = 'mine'"), "0");
    auto conn = pool.acquire();
    EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM pg_listening_channels()").one(), 0);
}

TEST_F(returned, a_transaction_and_what_others_feel_together__are_counted_as_one_cleaning) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    {
        auto conn = pool.acquire();
        static_cast<void>(conn.query<std::string>("SELECT pg_advisory_lock(1)::text"));
        conn.core().begin();
        conn.execute("INSERT INTO t VALUES (1)");
    }
    EXPECT_TRUE(wharf::test::soon([&] { return pool.stats().idle == 1; }));
    EXPECT_EQ(pool.stats().cleaned, 1U);
    EXPECT_EQ(pool.stats().resets, 1U);
}

TEST_F(returned, session_locks_while_somebody_waits__are_undone_before_he_has_the_connection) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    auto conn = pool.acquire();
    static_cast<void>(conn.query<std::string>("SELECT pg_advisory_lock(1)::text"));
    std::string seen;
    std::thread next([&] {
        auto lent = pool.acquire();
        seen = locks("locktype = 'advisory'");
    });
    EXPECT_TRUE(wharf::test::soon([&] { return pool.stats().waiting == 1; }));
    conn.release();
    next.join();
    EXPECT_EQ(seen, "0");
}

TEST_F(returned, statements_that_others_cannot_feel__connection_is_idle_at_once) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    pool.open();
    {
        auto conn = pool.acquire();
        conn.execute("INSERT INTO t VALUES ($1)", 1);
        EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM t").one(), 1);
        conn.execute("SET search_path = pg_catalog");
    }
    EXPECT_EQ(pool.stats().idle, 1U);
    EXPECT_EQ(pool.stats().cleaned, 0U);
    EXPECT_EQ(pool.acquire().query<std::int64_t>("SELECT count(*) FROM t").one(), 1) << "it is reset";
}

TEST_F(returned, settings_that_only_the_next_borrower_feels__are_undone_though_nobody_borrows) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    {
        auto conn = pool.acquire();
        conn.execute("SET application_name = 'mine'");
    }
    EXPECT_EQ(pool.stats().idle, 1U);
    EXPECT_TRUE(wharf::test::soon([&] {
        return database.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mine'") == "0";
    }));
    EXPECT_EQ(pool.stats().cleaned, 0U);
    EXPECT_EQ(pool.stats().closed.total(), 0U);
}

// The reset of the return is a statement of nobody, and its answer comes with that of the first statement.
TEST_F(returned, reset_sent_at_the_return__costs_the_next_borrower_no_round_trip) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    static_cast<void>(pool.acquire().query<std::string>("SHOW work_mem"));
    for (int i = 0; i < 20; ++i) {
        {
            auto conn = pool.acquire();
            conn.execute("SET work_mem = '1MB'");
        }
        auto conn = pool.acquire();
        const auto before = conn.core().underlying().counters();
        EXPECT_NE(conn.query<std::string>("SHOW work_mem").one(), "1MB");
        const auto after = conn.core().underlying().counters();
        EXPECT_EQ(after.round_trips - before.round_trips, 1U);
        EXPECT_EQ(after.statements - before.statements, 1U);
    }
}

TEST_F(returned, reset_that_has_to_be_mended__is_mended_though_nobody_borrows) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    static_cast<void>(pool.acquire().query<int>("SELECT 1"));
    {
        auto conn = pool.acquire();
        conn.execute("SET application_name = 'mine'");
        conn.execute("DEALLOCATE ALL"); // the reset's own statements with the others
    }
    EXPECT_TRUE(wharf::test::soon([&] {
        return database.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mine'") == "0";
    }));
    EXPECT_TRUE(wharf::test::soon([&] { return pool.stats().idle == 1; }));
    EXPECT_EQ(pool.stats().closed.total(), 0U);
    EXPECT_EQ(pool.acquire().query<int>("SELECT 1").one(), 1);
}

TEST_F(returned, idle_connections_ended_by_the_server__leave_at_once_and_the_floor_is_kept) {
    wharf::pool pool{database.url(), {.min_size = 3, .max_size = 5}};
    pool.open();
    terminate_all();
    EXPECT_TRUE(wharf::test::soon([&] {
        const auto now = pool.stats();
        return now.closed.check_failed == 3 && now.idle == 3;
    }));
    EXPECT_EQ(pool.acquire().query<int>("SELECT 1").one(), 1);
}

TEST_F(returned, connection_ended_while_it_is_lent__is_not_lent_again) {
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    auto conn = pool.acquire();
    EXPECT_EQ(conn.query<int>("SELECT 1").one(), 1);
    terminate_all();
    conn.release();
    EXPECT_TRUE(wharf::test::soon([&] { return pool.stats().closed.total() == 1 && pool.stats().idle == 1; }));
}

TEST_F(returned, server_that_reports_read_only__is_left_where_the_url_asks_for_a_writable_one) {
    wharf::pool pool{url_for_writing(), {.min_size = 1, .max_size = 1}};
    wharf::pool any{database.url(), {.min_size = 1, .max_size = 1}};
    for (auto* each : {&pool, &any})
        each->acquire().execute("SET default_transaction_read_only = on");
    EXPECT_TRUE(wharf::test::soon([&] { return pool.stats().closed.unfit == 1; }));
    EXPECT_EQ(any.stats().closed.total(), 0U);
    EXPECT_EQ(pool.acquire().execute("INSERT INTO t VALUES (1)").rows, 1U);
}

TEST_F(returned, write_refused_as_read_only__is_left_where_the_url_asks_for_a_writable_one) {
    wharf::pool pool{url_for_writing(), {.min_size = 1, .max_size = 1}};
    {
        auto conn = pool.acquire();
        auto tx = conn.begin({.read_only = true});
        EXPECT_THROW(conn.execute("INSERT INTO t VALUES (1)"), wharf::database_error);
    }
    EXPECT_TRUE(wharf::test::soon([&] { return pool.stats().closed.unfit == 1; }));
}

template <class Action>
bool is_refused(Action action) {
    try {
        action();
    } catch (const wharf::usage_error&) {
        return true;
    } catch (...) {
    }
    return false;
}

TEST_F(returned, child_made_by_fork__is_refused_and_its_destructors_touch_nothing) {
    auto pool = std::make_unique<wharf::pool>(database.url(), wharf::pool_options{.min_size = 2, .max_size = 2});
    pool->open();
    auto conn = std::make_unique<wharf::connection>(pool->acquire());
    auto listener = std::make_unique<wharf::listener>(database.url());
    listener->listen("news");
    const auto backend = conn->query<std::int64_t>("SELECT pg_backend_pid()::int8").one();
    auto tx = std::make_unique<wharf::transaction>(conn->begin());
    conn->execute("INSERT INTO t VALUES (1)");
    const pid_t child = ::fork();
    if (child == 0) {
        int verdict = 0;
        if (!is_refused([&] { static_cast<void>(pool->acquire()); })) verdict |= 1;
        if (!is_refused([&] { conn->execute("INSERT INTO t VALUES (2)"); })) verdict |= 2;
        if (!is_refused([&] { tx->commit(); })) verdict |= 4;
        if (!is_refused([&] { listener->listen("more"); })) verdict |= 8;
        tx.reset();
        conn.reset();
        listener.reset();
        pool.reset();
        ::_exit(verdict);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    tx->commit();
    EXPECT_EQ(conn->query<std::int64_t>("SELECT pg_backend_pid()::int8").one(), backend);
    EXPECT_EQ(database.value("SELECT count(*) FROM t"), "1");
    EXPECT_EQ(pool->acquire().query<int>("SELECT 1").one(), 1);
    database.execute("NOTIFY news");
    EXPECT_EQ(listener->next().notification().channel, "news");
}

} // namespace
