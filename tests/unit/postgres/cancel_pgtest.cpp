// Statements that are given up on connections that drain, and cancellers.
#include "connected.hpp"
#include "late_cancel_proxy.hpp"

#include "support/abandon.hpp"
#include "support/soon.hpp"
#include "wharf/base/database_error.hpp"

#include <poll.h>

#include <atomic>
#include <stop_token>
#include <thread>

namespace wharf::postgres {
namespace {

using namespace std::chrono_literals;

[[nodiscard]] settings draining(settings where) {
    where.cancellation = cancellation::cancel_and_drain;
    return where;
}

class cancel_pgtest : public connected_pgtest {
protected:
    cancel_pgtest() { connection_ = connect(draining(socket_settings(database_))); }

    static void give_up(driver& on, std::string_view sql, duration after = 30ms) {
        batch_item item;
        item.sql = sql;
        EXPECT_THROW(io::run(on.run(std::span(&item, 1)), call_options(after)), timed_out);
    }
    [[nodiscard]] static int backend_of(driver& on) { return query<int>(on, "SELECT pg_backend_pid()").one(); }
    // Merely "active" it is from Parse on, and what asks it to stop before Execute is forgotten by the server.
    [[nodiscard]] bool is_sleeping(int backend) const {
        return database_.value("SELECT wait_event FROM pg_stat_activity WHERE pid = " + std::to_string(backend)) ==
               "PgSleep";
    }
};

TEST_F(cancel_pgtest, statement_given_up_at_its_deadline_leaves_a_connection_that_goes_on) {
    for (const settings& where : {socket_settings(database_), tcp_settings(database_), tls_settings(database_)}) {
        const auto connection = connect(draining(where));
        const int backend = backend_of(*connection);
        give_up(*connection, "SELECT pg_sleep(60)");
        EXPECT_TRUE(connection->usable());
        EXPECT_EQ(connection->status(), transaction_status::failed) << "not known yet";
        EXPECT_EQ(backend_of(*connection), backend);
        EXPECT_EQ(connection->status(), transaction_status::idle);
    }
}

TEST_F(cancel_pgtest, deadlines_one_behind_the_other_lose_no_connection) {
    const int backend = backend_of(*connection_);
    for (int i = 0; i < 200; ++i) {
        batch_item item;
        item.sql = "SELECT pg_sleep(60)";
        EXPECT_THROW(io::run(connection_->run(std::span(&item, 1)), call_options(duration(1ms + i % 5 * 1ms))),
                     timed_out);
        ASSERT_TRUE(connection_->usable()) << "after " << i << " others";
    }
    EXPECT_EQ(backend_of(*connection_), backend);
}

TEST_F(cancel_pgtest, rows_under_way_when_given_up_are_taken_in_and_dropped) {
    const int backend = backend_of(*connection_);
    for (int i = 0; i < 5; ++i) {
        result rows;
        batch_item item;
        item.sql = "SELECT repeat('x', 1000), pg_sleep(0.0001) FROM generate_series(1, 1000000)";
        item.rows = &rows;
        EXPECT_THROW(io::run(connection_->run(std::span(&item, 1)), call_options(duration(50ms))), timed_out);
        EXPECT_EQ(backend_of(*connection_), backend); // settles with a deadline of its own
    }
}

TEST_F(cancel_pgtest, pipeline_given_up_is_cancelled_statement_by_statement) {
    const int backend = backend_of(*connection_);
    std::vector<batch_item> items(5);
    for (auto& item : items) {
        item.sql = "SELECT pg_sleep(30)";
        item.end_of_group = true;
    }
    EXPECT_THROW(io::run(connection_->run(items), call_options(duration(50ms))), timed_out);
    EXPECT_EQ(backend_of(*connection_), backend);
}

TEST_F(cancel_pgtest, statement_given_up_in_a_transaction_leaves_it_failed) {
    execute(*connection_, "CREATE TABLE t(id int8)");
    execute(*connection_, "BEGIN");
    execute(*connection_, "INSERT INTO t VALUES (1)");
    give_up(*connection_, "SELECT pg_sleep(60)");
    EXPECT_THROW(execute(*connection_, "INSERT INTO t VALUES (2)"), transaction_aborted);
    execute(*connection_, "ROLLBACK");
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM t").one(), 0);
}

TEST_F(cancel_pgtest, op_destroyed_at_any_wait_leaves_a_connection_that_goes_on) {
    for (const settings& where : {socket_settings(database_), tls_settings(database_)}) {
        bool destroyed = true;
        for (std::size_t wait = 0; destroyed; ++wait) {
            const auto connection = connect(draining(where));
            const int backend = backend_of(*connection);
            result found;
            batch_item item;
            item.sql = "SELECT repeat('x', 100), generate_series(1, 20000)";
            item.rows = &found;
            destroyed = test::abandon_at_wait(wait, connection->run(std::span(&item, 1)));
            EXPECT_EQ(backend_of(*connection), backend) << "destroyed at wait " << wait;
        }
    }
}

TEST_F(cancel_pgtest, request_that_was_not_sent_completely_is_closed_instead) {
    const std::string large(std::size_t{16} << 20, 'x');
    statement_run what("SELECT length($1) FROM pg_sleep($2)", large, 60.0);
    execute(*connection_, what.sql, std::string("x"), 0.0); // warm, so that the value goes in the first write
    EXPECT_TRUE(test::abandon_at_wait(0, connection_->run(std::span(&what.as_item(), 1))));
    EXPECT_FALSE(connection_->usable());
    io::run(connection_->close(), call_options(20s));
    EXPECT_EQ(database_.connections(), 0);
}

TEST_F(cancel_pgtest, call_option_decides_over_the_connection) {
    batch_item item;
    item.sql = "SELECT pg_sleep(60)";
    auto options = call_options(duration(20ms));
    EXPECT_THROW(io::run(connection_->run(std::span(&item, 1)), options.when_given_up(cancellation::close)), timed_out);
    EXPECT_FALSE(connection_->usable());

    const auto closing = connect(socket_settings(database_));
    options = call_options(duration(20ms));
    EXPECT_THROW(io::run(closing->run(std::span(&item, 1)), options.when_given_up(cancellation::cancel_and_drain)),
                 timed_out);
    EXPECT_EQ(query<int>(*closing, "SELECT 7").one(), 7);
}

TEST_F(cancel_pgtest, what_was_given_up_counts_as_a_statement_so_that_a_pool_resets_it) {
    const auto before = connection_->counters().statements;
    give_up(*connection_, "SELECT pg_sleep(60)");
    EXPECT_EQ(connection_->counters().statements, before + 1);
}

TEST_F(cancel_pgtest, reset_in_front_of_what_is_given_up_is_done_again) {
    execute(*connection_, "SET timezone TO 'Asia/Tokyo'");
    connection_->reset_before_next();
    give_up(*connection_, "SELECT pg_sleep(60)", duration(0));
    EXPECT_NE(query<std::string>(*connection_, "SHOW timezone").one(), "Asia/Tokyo");
}

TEST_F(cancel_pgtest, reset_in_front_of_a_transaction_that_was_given_up_is_not_done_again_inside_it) {
    execute(*connection_, "SET timezone TO 'Asia/Tokyo'");
    connection_->reset_before_next();
    std::vector<batch_item> items{utility("BEGIN"), {}};
    items[1].sql = "SELECT pg_sleep(60)";
    EXPECT_THROW(io::run(connection_->run(items), call_options(duration(200ms))), timed_out);
    execute(*connection_, "ROLLBACK");
    EXPECT_EQ(connection_->status(), transaction_status::idle);
    EXPECT_NE(query<std::string>(*connection_, "SHOW timezone").one(), "Asia/Tokyo");
}

// With a SQL-level prepared statement to be dropped the reset is done in several steps.
TEST_F(cancel_pgtest, reset_given_up_at_any_wait_is_done_before_the_next_statement) {
    bool destroyed = true;
    for (std::size_t wait = 0; destroyed; ++wait) {
        const auto connection = connect(draining(socket_settings(database_)));
        execute(*connection, "SET timezone TO 'Asia/Tokyo'");
        execute(*connection, "PREPARE leaked AS SELECT 1");
        connection->reset_before_next();
        batch_item item;
        item.sql = "SELECT 7";
        destroyed = test::abandon_at_wait(wait, connection->run(std::span(&item, 1)));
        EXPECT_NE(query<std::string>(*connection, "SHOW timezone").one(), "Asia/Tokyo") << "at wait " << wait;
        EXPECT_EQ(query<int>(*connection, "SELECT count(*)::int4 FROM pg_prepared_statements WHERE from_sql").one(), 0);
    }
}

TEST_F(cancel_pgtest, statement_timeout_of_the_server_is_its_own_error) {
    execute(*connection_, "SET statement_timeout TO 20");
    try {
        execute(*connection_, "SELECT pg_sleep(60)");
        FAIL() << "not stopped";
    } catch (const query_canceled& stopped) {
        EXPECT_THAT(stopped.what(), testing::HasSubstr("statement timeout"));
    }
}

TEST_F(cancel_pgtest, closing_waits_until_the_server_has_ended_what_was_given_up) {
    for (const settings& where : {socket_settings(database_), tls_settings(database_)}) {
        connection_ = connect(where); // which closes
        give_up(*connection_, "SELECT pg_sleep(60)");
        EXPECT_EQ(database_.connections(), 1);
        io::run(connection_->close(), call_options(20s));
        EXPECT_EQ(database_.connections(), 0);
    }
}

TEST_F(cancel_pgtest, canceller_stops_the_statement_that_runs) {
    for (const settings& where : {socket_settings(database_), tcp_settings(database_), tls_settings(database_)}) {
        connection_ = connect(where);
        const int backend = backend_of(*connection_);
        const auto stop = connection_->canceller();
        std::jthread stopper([&] {
            EXPECT_TRUE(wharf::test::soon([&] { return is_sleeping(backend); }));
            EXPECT_TRUE(io::run(stop->request(), call_options(20s)));
        });
        EXPECT_THROW(execute(*connection_, "SELECT pg_sleep(60)"), query_canceled);
        stopper.join();
        EXPECT_EQ(backend_of(*connection_), backend);
    }
}

TEST_F(cancel_pgtest, canceller_finds_nothing_to_stop_between_statements_and_after_it_was_retired) {
    const auto stop = connection_->canceller();
    EXPECT_FALSE(io::run(stop->request()));
    connection_->retire_cancellers();
    std::atomic<int> stopped{0};
    std::jthread stopper([&](const std::stop_token& done) {
        while (!done.stop_requested())
            stopped += io::run(stop->request()) ? 1 : 0;
    });
    execute(*connection_, "SELECT pg_sleep(0.05)");
    stopper = {};
    EXPECT_EQ(stopped, 0);
}

TEST_F(cancel_pgtest, canceller_never_hits_the_statement_behind) {
    const auto stop = connection_->canceller();
    std::jthread stopper([&](const std::stop_token& done) {
        while (!done.stop_requested())
            static_cast<void>(io::run(stop->request(), call_options(20s)));
    });
    int cancelled_ones = 0;
    for (int i = 0; i < 300 || (cancelled_ones == 0 && i < 10000); ++i) {
        try {
            EXPECT_EQ(query<int>(*connection_, "SELECT $1::int4 + (pg_sleep(0.001) IS NULL)::int4", i).one(), i);
        } catch (const query_canceled&) {
            ++cancelled_ones;
        }
    }
    stopper = {};
    EXPECT_GT(cancelled_ones, 0);
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
}

TEST_F(cancel_pgtest, cancel_forwarded_late_does_not_hit_the_next_statement) {
    for (const bool drains : {true, false}) {
        const std::string& port = test::postgres_server().port;
        late_cancel_proxy proxy(static_cast<std::uint16_t>(std::stoi(port)), 500ms);
        settings where = tcp_settings(database_);
        where.servers[0].port = proxy.port();
        where.cancellation = drains ? cancellation::cancel_and_drain : cancellation::close;
        connection_ = connect(where);
        give_up(*connection_, "SELECT pg_sleep(1)");
        if (!drains) {
            EXPECT_FALSE(connection_->usable());
            io::run(connection_->close(), call_options(20s));
            connection_ = connect(where);
        }
        // It would be hit by a request that is still under way.
        EXPECT_EQ(query<int>(*connection_, "SELECT 7 FROM pg_sleep(0.7)").one(), 7);
        EXPECT_GE(proxy.cancels(), 1);
        connection_.reset();
    }
}

TEST_F(cancel_pgtest, canceller_given_up_on_its_way_costs_the_connection) {
    const std::string& port = test::postgres_server().port;
    late_cancel_proxy proxy(static_cast<std::uint16_t>(std::stoi(port)), 500ms);
    settings where = tcp_settings(database_);
    where.servers[0].port = proxy.port();
    connection_ = connect(where);
    const int backend = backend_of(*connection_);
    const auto stop = connection_->canceller();
    std::jthread stopper([&] {
        EXPECT_TRUE(wharf::test::soon([&] { return is_sleeping(backend); }));
        EXPECT_THROW(static_cast<void>(io::run(stop->request(), call_options(duration(50ms)))), timed_out);
    });
    execute(*connection_, "SELECT pg_sleep(0.2)");
    stopper.join();
    EXPECT_THROW(execute(*connection_, "SELECT 1"), connection_lost);
    EXPECT_FALSE(connection_->usable());
    connection_.reset();
}

} // namespace
} // namespace wharf::postgres
