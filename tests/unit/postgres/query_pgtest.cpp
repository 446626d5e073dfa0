// One statement at a time, against a real server.
#include "connected.hpp"

#include "wharf/base/database_error.hpp"

namespace wharf::postgres {
namespace {

using query_pgtest = connected_pgtest;

TEST_F(query_pgtest, values_travel_both_ways) {
    const auto found = query<std::int64_t, std::string, std::optional<double>>(
        *connection_, "SELECT $1::int8, $2::text, $3::float8", std::int64_t{42}, "straße", std::optional<double>{});
    const auto& [number, text, nothing] = found.one();
    EXPECT_EQ(number, 42);
    EXPECT_EQ(text, "straße");
    EXPECT_EQ(nothing, std::nullopt);
}

TEST_F(query_pgtest, cold_statement_costs_two_round_trips_and_a_warm_one_costs_one) {
    (void)query<int>(*connection_, "SELECT 1");
    EXPECT_EQ(connection_->counters().round_trips, 2U);
    (void)query<int>(*connection_, "SELECT 1");
    EXPECT_EQ(connection_->counters().round_trips, 3U);
    EXPECT_EQ(connection_->counters().statements, 2U);
}

TEST_F(query_pgtest, affected_rows_are_counted) {
    execute(*connection_, "CREATE TABLE t(id int8)");
    EXPECT_EQ(execute(*connection_, "INSERT INTO t SELECT generate_series(1, 5)"), 5U);
    EXPECT_EQ(execute(*connection_, "UPDATE t SET id = id + 1 WHERE id > $1", std::int64_t{3}), 2U);
    EXPECT_EQ(execute(*connection_, "DELETE FROM t"), 5U);
}

TEST_F(query_pgtest, error_has_all_fields_and_the_connection_goes_on) {
    execute(*connection_, "CREATE TABLE t(id int8 PRIMARY KEY)");
    execute(*connection_, "INSERT INTO t VALUES (1)");
    try {
        execute(*connection_, "INSERT INTO t VALUES ($1)", std::int64_t{1});
        FAIL() << "the duplicate was taken";
    } catch (const unique_violation& refused) {
        EXPECT_EQ(refused.sqlstate(), "23505");
        EXPECT_EQ(refused.constraint(), "t_pkey");
        EXPECT_EQ(refused.table(), "t");
        EXPECT_EQ(refused.fields().schema, "public");
        EXPECT_EQ(refused.statement(), "INSERT INTO t VALUES ($1)");
        EXPECT_EQ(refused.fields().severity, "ERROR");
    }
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
    EXPECT_TRUE(connection_->usable());
}

TEST_F(query_pgtest, syntax_error_tells_its_position) {
    try {
        execute(*connection_, "SELECT * FORM t");
        FAIL() << "accepted";
    } catch (const syntax_error& refused) {
        EXPECT_EQ(refused.position(), 10);
    }
    EXPECT_TRUE(connection_->usable());
}

TEST_F(query_pgtest, large_result_arrives_whole) {
    const auto found = query<std::int64_t, std::string>(
        *connection_, "SELECT i, repeat('x', (i % 100)::int) FROM generate_series(1, 100000) i");
    ASSERT_EQ(found.size(), 100'000U);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& [number, text] = found[i];
        ASSERT_EQ(number, static_cast<std::int64_t>(i + 1));
        ASSERT_EQ(text.size(), (i + 1) % 100);
    }
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
}

TEST_F(query_pgtest, large_values_arrive_whole_both_ways) {
    const std::string large(20'000'000, 'y');
    EXPECT_EQ(query<std::string>(*connection_, "SELECT $1::text", large).one(), large);
}

TEST_F(query_pgtest, rows_that_nobody_wants_are_dropped) {
    batch_item item;
    item.sql = "SELECT generate_series(1, 10000)";
    run(*connection_, std::span(&item, 1));
    EXPECT_FALSE(item.error);
    EXPECT_EQ(item.affected, 10'000U);
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
}

TEST_F(query_pgtest, empty_statement_returns_nothing) {
    statement_run what("");
    run(*connection_, what);
    EXPECT_EQ(what.rows.size(), 0U);
}

TEST_F(query_pgtest, result_without_columns_has_its_rows) {
    statement_run what("SELECT FROM generate_series(1, 3)");
    run(*connection_, what);
    EXPECT_EQ(what.rows.size(), 3U);
    EXPECT_EQ(what.rows.shape().columns.size(), 0U);
}

TEST_F(query_pgtest, wrong_number_of_parameters_is_refused_before_anything_is_sent) {
    (void)query<int>(*connection_, "SELECT $1::int4", 1);
    const auto trips = connection_->counters().round_trips;
    EXPECT_THROW((void)query<int>(*connection_, "SELECT $1::int4"), usage_error);
    EXPECT_THROW((void)query<int>(*connection_, "SELECT $1::int4", 1, 2), usage_error);
    EXPECT_EQ(connection_->counters().round_trips, trips);
    EXPECT_EQ(query<int>(*connection_, "SELECT $1::int4", 3).one(), 3);
}

TEST_F(query_pgtest, nul_in_a_statement_is_refused_before_anything_is_sent) {
    EXPECT_THROW(execute(*connection_, std::string("SELECT 1\0; DROP", 15)), usage_error);
    EXPECT_EQ(connection_->counters().round_trips, 0U);
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
}

TEST_F(query_pgtest, notices_reach_the_observer) {
    struct : statement_observer {
        void on_notice(const diagnostic& notice) override { seen += notice.severity + " " + notice.message + "\n"; }
        std::string seen{};
    } observer;
    connection_->observe(&observer);
    execute(*connection_, "DO $$ BEGIN RAISE NOTICE 'look'; RAISE WARNING 'out'; END $$");
    EXPECT_EQ(observer.seen, "NOTICE look\nWARNING out\n");
    connection_->observe(nullptr);
}

TEST_F(query_pgtest, types_that_are_not_known_arrive_as_text) {
    statement_run what("SELECT 'b a'::tsvector, 'a & b'::tsquery");
    run(*connection_, what);
    auto row = what.rows[0];
    EXPECT_EQ(row.next().bytes, "'a' 'b'");
    const cell_view query_text = row.next();
    EXPECT_EQ(query_text.bytes, "'a' & 'b'");
    EXPECT_EQ(query_text.format, wire_format::text);
}

TEST_F(query_pgtest, numeric_is_read_as_text_or_as_a_number_that_holds_it) {
    EXPECT_EQ(query<std::string>(*connection_, "SELECT -12.50::numeric").one(), "-12.50");
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT sum(i) FROM generate_series(1::int8, 10) i").one(), 55);
    EXPECT_EQ(query<double>(*connection_, "SELECT avg(i) FROM generate_series(1, 2) i").one(), 1.5);
    EXPECT_THROW((void)query<std::int64_t>(*connection_, "SELECT 1.5::numeric"), conversion_error);
}

TEST_F(query_pgtest, copy_is_refused_clearly) {
    EXPECT_THROW(execute(*connection_, "COPY (SELECT 1) TO STDOUT"), usage_error);
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
    execute(*connection_, "CREATE TABLE t(id int8)");
    EXPECT_THROW(execute(*connection_, "COPY t FROM STDIN"), usage_error);
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
}

TEST_F(query_pgtest, ping_is_one_round_trip) {
    io::run(connection_->ping());
    EXPECT_EQ(connection_->counters().round_trips, 1U);
    EXPECT_TRUE(connection_->usable());
}

TEST_F(query_pgtest, closed_connection_is_gone_from_the_server) {
    EXPECT_EQ(database_.connections(), 1);
    io::run(connection_->close(), call_options(std::chrono::seconds(20)));
    EXPECT_FALSE(connection_->usable());
    EXPECT_EQ(database_.connections(), 0);
}

} // namespace
} // namespace wharf::postgres
