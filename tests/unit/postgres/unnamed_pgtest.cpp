// Statements without names on the server, as poolers in transaction mode need them.
#include "connected.hpp"
#include "support/servers.hpp"
#include "wharf/base/database_error.hpp"

#include <memory>
#include <vector>

namespace wharf::postgres {
namespace {

class unnamed_pgtest : public testing::Test {
protected:
    static settings without_names(const test::database& database) {
        settings where = socket_settings(database);
        where.statement_cache_size = 0;
        return where;
    }
    // What the server has kept, as another round trip tells.
    [[nodiscard]] std::int64_t kept() {
        return query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_prepared_statements").one();
    }
    [[nodiscard]] std::uint64_t trips() const { return connection_->counters().round_trips; }

    test::database database_;
    std::unique_ptr<driver> connection_ = connect(without_names(database_));
};

TEST_F(unnamed_pgtest, statement_that_was_run_before_takes_one_round_trip_and_the_server_keeps_nothing) {
    for (const std::uint64_t expected : {2U, 1U, 1U}) {
        const auto before = trips();
        const auto rows =
            query<std::int64_t, std::string, bool>(*connection_, "SELECT $1::int8, $2, $3::bool", 1, "x", true);
        EXPECT_EQ(rows.one(), (std::tuple<std::int64_t, std::string, bool>{1, "x", true}));
        EXPECT_EQ(trips() - before, expected);
    }
    EXPECT_EQ(kept(), 0);
}

TEST_F(unnamed_pgtest, batch_of_different_statements_takes_one_round_trip_when_warm) {
    execute(*connection_, "CREATE TABLE t(n int4)");
    statement_run insert("INSERT INTO t VALUES ($1)", 1);
    statement_run select("SELECT n FROM t WHERE n > $1", 0);
    statement_run text("SELECT 'text'");
    for (const std::uint64_t expected : {2U, 1U}) {
        std::vector<batch_item> items{utility("BEGIN"), insert.as_item(), select.as_item(), text.as_item(),
                                      utility("ROLLBACK")};
        const auto before = trips();
        run(*connection_, items);
        EXPECT_EQ(trips() - before, expected);
        for (const auto& item : items)
            EXPECT_EQ(item.error, nullptr);
        EXPECT_EQ(rows<int>(select.rows).one(), 1);
        EXPECT_EQ(rows<std::string>(text.rows).one(), "text");
    }
    EXPECT_EQ(kept(), 0);
}

TEST_F(unnamed_pgtest, table_that_changes_between_executions_is_read_as_it_is) {
    execute(*connection_, "CREATE TABLE t(a int4, b text)");
    execute(*connection_, "INSERT INTO t VALUES (5, 'x')");
    constexpr auto all = "SELECT * FROM t";
    EXPECT_EQ((query<int, std::string>(*connection_, all).size()), 1U);
    execute(*connection_, "ALTER TABLE t ALTER COLUMN a TYPE text");
    EXPECT_EQ((std::get<0>(query<std::string, std::string>(*connection_, all).one())), "5");
    execute(*connection_, "ALTER TABLE t ADD COLUMN c int4 DEFAULT 3, ADD COLUMN d int8 DEFAULT 8");
    EXPECT_EQ((std::get<3>(query<std::string, std::string, int, std::int64_t>(*connection_, all).one())), 8);
    execute(*connection_, "ALTER TABLE t DROP COLUMN b, DROP COLUMN c, DROP COLUMN d");
    EXPECT_EQ(query<std::string>(*connection_, all).one(), "5");
}

TEST_F(unnamed_pgtest, parameter_whose_type_has_changed_is_learned_anew_outside_a_transaction) {
    execute(*connection_, "CREATE TABLE t(a int4)");
    constexpr auto insert = "INSERT INTO t VALUES ($1)";
    execute(*connection_, insert, "1");
    execute(*connection_, "ALTER TABLE t ALTER COLUMN a TYPE text");
    execute(*connection_, insert, "one");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT string_agg(a, ' ' ORDER BY a) FROM t").one(), "1 one");
}

TEST_F(unnamed_pgtest, errors_belong_to_their_statement_and_the_connection_goes_on) {
    EXPECT_THROW(execute(*connection_, "SELEKT"), database_error);
    EXPECT_THROW(execute(*connection_, "SELECT 1/$1::int4", 0), data_error);
    EXPECT_THROW(execute(*connection_, "SELECT 1/$1::int4", 0), data_error);
    EXPECT_THROW(execute(*connection_, "SELECT $1::int2", 70'000), conversion_error);
    EXPECT_THROW(execute(*connection_, "SELECT $1::int2", 70'000), conversion_error);
    EXPECT_EQ(query<int>(*connection_, "SELECT $1::int2", 7).one(), 7);
}

TEST_F(unnamed_pgtest, value_that_cannot_be_sent_fails_its_group_and_no_other) {
    execute(*connection_, "CREATE TABLE t(n int2)");
    constexpr auto insert = "INSERT INTO t VALUES ($1)";
    for (int round = 0; round < 2; ++round) {
        statement_run first(insert, 1);
        statement_run wrong(insert, 70'000);
        statement_run last(insert, 3);
        std::vector<batch_item> items{first.as_item(), wrong.as_item(), last.as_item()};
        items[1].end_of_group = true;
        run(*connection_, items);
        EXPECT_THROW(std::rethrow_exception(items[1].error), conversion_error);
        EXPECT_EQ(items[2].error, nullptr);
    }
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM t").one(), 2);
}

TEST_F(unnamed_pgtest, reset_leaves_nothing_to_the_next_borrower_and_keeps_no_name) {
    execute(*connection_, "SET application_name TO 'left'");
    execute(*connection_, "PREPARE mine AS SELECT 1");
    connection_->reset_before_next();
    EXPECT_EQ(query<std::string>(*connection_, "SELECT current_setting('application_name')").one(), "wharf");
    EXPECT_EQ(kept(), 0);
}

TEST_F(unnamed_pgtest, rows_are_streamed_with_and_without_a_fetch_size) {
    for (const std::uint32_t fetch_size : {0U, 4U, 0U, 4U}) {
        batch_item item;
        item.sql = "SELECT n FROM generate_series(1, 10) n";
        stream_options options;
        options.fetch_size = fetch_size;
        const auto rows = io::run(connection_->open_rows(std::span(&item, 1), options));
        ASSERT_EQ(item.error, nullptr);
        std::size_t count = 0;
        for (auto chunk = io::run(rows->next()); !chunk.empty(); chunk = io::run(rows->next()))
            count += chunk.size();
        EXPECT_EQ(count, 10U);
    }
    EXPECT_EQ(kept(), 0);
}

TEST_F(unnamed_pgtest, connections_through_pgbouncer_in_transaction_mode_do_not_disturb_each_other) {
    settings where = settings_from(database_url(database_.url(test::servers::pgbouncer_transaction())));
    where.statement_cache_size = 0;
    std::vector<std::unique_ptr<driver>> connections;
    for (int i = 0; i < 4; ++i)
        connections.push_back(connect(where));
    execute(*connections[0], "CREATE TABLE t(who int4, n int4)");
    for (int round = 0; round < 20; ++round) {
        for (int who = 0; who < 4; ++who) {
            driver& on = *connections[static_cast<std::size_t>(who)];
            // What one has prepared must not be what another one executes.
            const std::string mine = "SELECT $1::int4 + " + std::to_string(who * 1000 + round % 3);
            EXPECT_EQ(query<int>(on, mine, round).one(), who * 1000 + round % 3 + round);
            statement_run insert("INSERT INTO t VALUES ($1, $2)", who, round);
            statement_run count("SELECT count(*) FROM t WHERE who = $1", who);
            std::vector<batch_item> items{utility("BEGIN"), insert.as_item(), count.as_item(), utility("COMMIT")};
            run(on, items);
            EXPECT_EQ(rows<std::int64_t>(count.rows).one(), round + 1);
        }
    }
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "80");
}

// With names it is not what poolers in transaction mode are made for; but no statement may be taken for another.
TEST_F(unnamed_pgtest, names_through_pgbouncer_in_transaction_mode_are_never_those_of_another_connection) {
    const settings where = settings_from(database_url(database_.url(test::servers::pgbouncer_transaction())));
    std::vector<std::unique_ptr<driver>> connections;
    for (int i = 0; i < 4; ++i)
        connections.push_back(connect(where));
    for (int round = 0; round < 20; ++round) {
        for (int who = 0; who < 4; ++who) {
            driver& on = *connections[static_cast<std::size_t>(who)];
            const std::string mine = "SELECT $1::int4 + " + std::to_string(who * 1000 + round % 3);
            try {
                EXPECT_EQ(query<int>(on, mine, round).one(), who * 1000 + round % 3 + round);
            } catch (const database_error& error) {
                EXPECT_EQ(error.sqlstate(), "26000");
            }
        }
    }
}

TEST_F(unnamed_pgtest, rows_are_streamed_through_pgbouncer_in_transaction_mode) {
    settings where = settings_from(database_url(database_.url(test::servers::pgbouncer_transaction())));
    where.statement_cache_size = 0;
    const auto connection = connect(where);
    for (const std::uint32_t fetch_size : {0U, 100U, 100U}) {
        batch_item item;
        item.sql = "SELECT n FROM generate_series(1, 1000) n";
        stream_options options;
        options.fetch_size = fetch_size;
        const auto rows = io::run(connection->open_rows(std::span(&item, 1), options));
        ASSERT_EQ(item.error, nullptr);
        ASSERT_FALSE(io::run(rows->next()).empty());
        rows->leave();
        EXPECT_EQ(query<int>(*connection, "SELECT 7").one(), 7);
    }
}

} // namespace
} // namespace wharf::postgres
