// The driver's essentials against every server that it is made for, and through the poolers that stand in between.
#include "kinds_of_server.hpp"

#include "wharf/base/database_error.hpp"

namespace wharf::postgres {
namespace {

class servers_pgtest : public each_server {
protected:
    [[nodiscard]] std::string backend(driver& of) const {
        return query<std::string>(of, "SELECT pg_backend_pid()::text").one();
    }
};

// Where a connection is one session of the server for as long as it lives.
class server_sessions_pgtest : public servers_pgtest {};

TEST_P(servers_pgtest, login_by_socket_by_password_and_by_tls_leads_in) {
    for (const settings& where : {by_socket(), by_password(), by_tls()}) {
        const auto connection = connect(where);
        EXPECT_EQ(query<std::string>(*connection, "SELECT current_database()::text").one(), database_.name());
        io::run(connection->ping());
    }
}

TEST_P(servers_pgtest, wrong_password_is_refused_as_such) {
    settings where = by_password();
    where.password = "not it";
    EXPECT_THROW((void)connect(where), authentication_failed);
}

TEST_P(servers_pgtest, values_of_many_types_travel_both_ways) {
    const std::string bytes("\0\x01\xff\\'", 5);
    const std::vector<std::optional<std::int32_t>> numbers{1, std::nullopt, -3};
    const auto found =
        query<bool, std::int16_t, std::int32_t, std::int64_t, double, std::string, std::optional<std::string>,
              std::vector<std::optional<std::int32_t>>>(
            *connection_, "SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::float8, $6::text, $7::text, $8::int4[]",
            true, std::int16_t{-32768}, std::int32_t{2147483647}, std::int64_t{-9007199254740993}, 0.1,
            std::string("a'b\"\\ \u00e9 \U0001F600"), std::optional<std::string>(), numbers)
            .one();
    EXPECT_EQ(found,
              std::make_tuple(true, std::int16_t{-32768}, std::int32_t{2147483647}, std::int64_t{-9007199254740993},
                              0.1, std::string("a'b\"\\ \u00e9 \U0001F600"), std::optional<std::string>(), numbers));
}

TEST_P(server_sessions_pgtest, cold_statement_costs_two_round_trips_and_a_warm_one_costs_one) {
    for (const std::uint64_t expected : {2U, 1U, 1U}) {
        const auto before = connection_->counters().round_trips;
        EXPECT_EQ(query<int>(*connection_, "SELECT $1::int4 + 1", 41).one(), 42);
        EXPECT_EQ(connection_->counters().round_trips - before, expected);
    }
}

TEST_P(servers_pgtest, error_tells_what_went_wrong_and_the_connection_goes_on) {
    execute(*connection_, "CREATE TABLE t(id int4 CONSTRAINT t_key PRIMARY KEY)");
    execute(*connection_, "INSERT INTO t VALUES ($1)", 1);
    try {
        execute(*connection_, "INSERT INTO t VALUES ($1)", 1);
        FAIL() << "accepted";
    } catch (const unique_violation& refused) {
        EXPECT_EQ(refused.sqlstate(), "23505");
        EXPECT_EQ(refused.constraint(), "t_key");
        EXPECT_EQ(refused.table(), "t");
    }
    EXPECT_EQ(execute(*connection_, "INSERT INTO t VALUES ($1)", 2), 1U);
    EXPECT_THROW(execute(*connection_, "SELECT no_such_column"), database_error);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM t").one(), 2);
}

TEST_P(servers_pgtest, error_in_a_batch_skips_the_rest_of_its_group_and_no_more) {
    execute(*connection_, "CREATE TABLE t(id int4)");
    execute(*connection_, "INSERT INTO t VALUES (0)");
    std::vector<batch_item> items(5);
    items[0].sql = "UPDATE t SET id = 1";
    items[1].sql = "SELECT 1/id - 1/(id - id) FROM t";
    items[2].sql = "UPDATE t SET id = 2";
    items[2].end_of_group = true;
    items[3].sql = "UPDATE t SET id = id + 10";
    items[4].sql = "SELECT 1";
    run(*connection_, items);
    EXPECT_TRUE(items[1].error);
    EXPECT_FALSE(items[1].skipped);
    EXPECT_TRUE(items[2].skipped);
    EXPECT_FALSE(items[3].error);
    EXPECT_EQ(items[3].affected, 1U);
    EXPECT_FALSE(items[4].error);
    EXPECT_EQ(database_.value("SELECT id FROM t"), "10"); // the first group was undone as a whole
}

TEST_P(servers_pgtest, transaction_is_seen_by_others_once_it_is_committed) {
    execute(*connection_, "CREATE TABLE t(id int4)");
    batch_item begin = utility("BEGIN");
    batch_item commit = utility("COMMIT");
    batch_item rollback = utility("ROLLBACK");
    for (batch_item* end : {&rollback, &commit}) {
        run(*connection_, std::span(&begin, 1));
        EXPECT_EQ(connection_->status(), transaction_status::active);
        execute(*connection_, "INSERT INTO t VALUES ($1)", 7);
        EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "0");
        run(*connection_, std::span(end, 1));
        EXPECT_EQ(connection_->status(), transaction_status::idle);
    }
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "1");

    run(*connection_, std::span(&begin, 1));
    EXPECT_THROW(execute(*connection_, "SELECT 1/0"), database_error);
    EXPECT_EQ(connection_->status(), transaction_status::failed);
    run(*connection_, std::span(&rollback, 1));
    EXPECT_EQ(connection_->status(), transaction_status::idle);
}

TEST_P(servers_pgtest, large_results_and_large_values_arrive_whole) {
    const auto many = query<std::int32_t>(*connection_, "SELECT generate_series(1, 100000)");
    std::int64_t sum = 0;
    for (const std::int32_t number : many)
        sum += number;
    EXPECT_EQ(sum, 5'000'050'000);
    const std::string large(std::size_t{5} << 20, 'x');
    EXPECT_EQ(query<std::string>(*connection_, "SELECT $1::text || 'y'", large).one(), large + 'y');
}

TEST_P(server_sessions_pgtest, more_statements_than_the_cache_holds_are_prepared_and_closed) {
    settings where = by_socket();
    where.statement_cache_size = 4;
    const auto connection = connect(where);
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 20; ++i)
            EXPECT_EQ(query<int>(*connection, "SELECT $1::int4 + " + std::to_string(i), 1).one(), 1 + i);
    EXPECT_LE(query<std::int64_t>(*connection, "SELECT count(*) FROM pg_prepared_statements").one(), 5);
}

TEST_P(server_sessions_pgtest, reset_leaves_nothing_of_the_last_borrower) {
    const auto at_first = query<std::string>(*connection_, "SELECT current_setting('search_path')").one();
    for (const char* sql : {"SET search_path = pg_catalog", "CREATE TEMPORARY TABLE left_over(id int4)", "LISTEN news",
                            "SELECT pg_advisory_lock(7)::text"})
        execute(*connection_, sql);
    connection_->reset_before_next();
    EXPECT_EQ(query<std::string>(*connection_, "SELECT current_setting('search_path')").one(), at_first);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_class WHERE relname = 'left_over'").one(), 0);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_listening_channels()").one(), 0);
    EXPECT_EQ(database_.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                              "(SELECT oid FROM pg_database WHERE datname = current_database())"),
              "0");
}

TEST_P(server_sessions_pgtest, connection_whose_backend_was_ended_is_lost_and_a_new_one_works) {
    const auto number = backend(*connection_);
    database_.execute("SELECT pg_terminate_backend(" + number + ", 10000)");
    EXPECT_THROW(execute(*connection_, "SELECT 1"), connection_lost);
    EXPECT_FALSE(connection_->usable());
    const auto next = another();
    EXPECT_EQ(query<int>(*next, "SELECT 1").one(), 1);
}

INSTANTIATE_TEST_SUITE_P(of, servers_pgtest,
                         testing::Values(postgres15, postgres18, pgbouncer_session, pgbouncer_transaction, pgpool),
                         name_of_kind);
INSTANTIATE_TEST_SUITE_P(of, server_sessions_pgtest, testing::Values(postgres15, postgres18, pgbouncer_session, pgpool),
                         name_of_kind);

// Not through Pgpool-II: it reads no answer before the Sync, so a pipeline must fit into the buffers on its way.
class full_pipelines_pgtest : public servers_pgtest {};

TEST_P(full_pipelines_pgtest, both_sides_writing_at_once_do_not_wait_for_each_other) {
    const std::string large(std::size_t{2} << 20, 'x');
    std::vector<std::unique_ptr<statement_run>> statements;
    std::vector<batch_item> items;
    for (int i = 0; i < 8; ++i) {
        statements.push_back(std::make_unique<statement_run>("SELECT $1::text", large));
        items.push_back(statements.back()->as_item());
    }
    run(*connection_, items);
    for (const auto& each : statements)
        EXPECT_EQ(rows<std::string>(each->rows).one().size(), large.size());
}

INSTANTIATE_TEST_SUITE_P(of, full_pipelines_pgtest,
                         testing::Values(postgres15, postgres18, pgbouncer_session, pgbouncer_transaction),
                         name_of_kind);

} // namespace
} // namespace wharf::postgres
