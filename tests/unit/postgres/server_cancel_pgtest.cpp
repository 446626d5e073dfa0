// Statements that are stopped or given up, against every server.
#include "kinds_of_server.hpp"

#include "wharf/base/database_error.hpp"

#include <poll.h>

#include <thread>

namespace wharf::postgres {
namespace {

using namespace std::chrono_literals;

class server_cancel_pgtest : public each_server {
protected:
    // Merely active they are from Parse on, and what asks a server to stop before Execute is forgotten.
    [[nodiscard]] bool becomes(std::string_view running) const {
        for (int i = 0; i < 1000; ++i) {
            if (database_.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE "
                                "'%pg_sleep(60)%' AND datname = current_database() AND pid <> pg_backend_pid()") ==
                running)
                return true;
            ::poll(nullptr, 0, 10);
        }
        return false;
    }
    static void give_up(driver& on, std::string_view sql) {
        batch_item item;
        item.sql = sql;
        EXPECT_THROW(io::run(on.run(std::span(&item, 1)), call_options(100ms)), timed_out);
    }
};

TEST_P(server_cancel_pgtest, canceller_stops_the_statement_that_runs_and_the_connection_goes_on) {
    for (const settings& where : {by_socket(), by_tls()}) {
        connection_ = connect(where);
        const auto stop = connection_->canceller();
        std::jthread stopper([&] {
            EXPECT_TRUE(becomes("1"));
            EXPECT_TRUE(io::run(stop->request(), call_options(20s)));
        });
        EXPECT_THROW(execute(*connection_, "SELECT pg_sleep(60)"), query_canceled);
        stopper.join();
        EXPECT_EQ(query<int>(*connection_, "SELECT $1::int4", 7).one(), 7);
    }
}

TEST_P(server_cancel_pgtest, statement_given_up_is_drained_and_the_next_one_has_its_own_answer) {
    for (settings where : {by_socket(), by_tls()}) {
        where.cancellation = cancellation::cancel_and_drain;
        connection_ = connect(where);
        give_up(*connection_, "SELECT pg_sleep(60)");
        EXPECT_TRUE(connection_->usable());
        EXPECT_EQ(query<int>(*connection_, "SELECT $1::int4", 7).one(), 7);
        EXPECT_TRUE(becomes("0"));
    }
}

TEST_P(server_cancel_pgtest, statement_given_up_in_a_transaction_leaves_it_failed) {
    settings where = by_socket();
    where.cancellation = cancellation::cancel_and_drain;
    connection_ = connect(where);
    execute(*connection_, "CREATE TABLE t(id int4)");
    execute(*connection_, "BEGIN");
    execute(*connection_, "INSERT INTO t VALUES (1)");
    give_up(*connection_, "SELECT pg_sleep(60)");
    EXPECT_THROW(execute(*connection_, "INSERT INTO t VALUES (2)"), transaction_aborted);
    execute(*connection_, "ROLLBACK");
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM t").one(), 0);
}

TEST_P(server_cancel_pgtest, statement_given_up_is_stopped_on_the_server_by_close) {
    give_up(*connection_, "SELECT pg_sleep(60)");
    EXPECT_FALSE(connection_->usable());
    io::run(connection_->close(), call_options(20s));
    EXPECT_TRUE(becomes("0"));
}

INSTANTIATE_TEST_SUITE_P(of, server_cancel_pgtest,
                         testing::Values(postgres15, postgres18, pgbouncer_session, pgbouncer_transaction, pgpool),
                         name_of_kind);

} // namespace
} // namespace wharf::postgres
