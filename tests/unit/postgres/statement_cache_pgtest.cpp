// The statement cache against a real server: eviction, and statements that go stale.
#include "connected.hpp"

#include "wharf/base/database_error.hpp"

namespace wharf::postgres {
namespace {

class statement_cache_pgtest : public testing::Test {
protected:
    static settings small_cache(const test::database& database) {
        settings where = socket_settings(database);
        where.statement_cache_size = 3;
        return where;
    }
    [[nodiscard]] std::int64_t prepared() {
        return query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_prepared_statements").one();
    }

    test::database database_;
    std::unique_ptr<driver> connection_ = connect(small_cache(database_));
};

TEST_F(statement_cache_pgtest, evicted_statements_are_closed_with_the_next_write) {
    for (int i = 0; i < 20; ++i)
        execute(*connection_, "SELECT " + std::to_string(i));
    const auto before = connection_->counters().round_trips;
    EXPECT_LE(prepared(), 4); // the one that asks is the fourth
    EXPECT_EQ(connection_->counters().round_trips - before, 2U);
    EXPECT_LE(prepared(), 3);
}

TEST_F(statement_cache_pgtest, batch_with_more_statements_than_the_cache_holds_runs) {
    std::vector<std::string> texts;
    for (int i = 0; i < 20; ++i)
        texts.push_back("SELECT " + std::to_string(i));
    std::vector<batch_item> items(texts.size());
    std::vector<result> results(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        items[i].sql = texts[i];
        items[i].rows = &results[i];
    }
    run(*connection_, items);
    for (std::size_t i = 0; i < texts.size(); ++i)
        EXPECT_EQ(rows<int>(results[i]).one(), static_cast<int>(i));
    (void)prepared();
    EXPECT_LE(prepared(), 3);
}

TEST_F(statement_cache_pgtest, statements_dropped_behind_our_back_are_prepared_again) {
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
    execute(*connection_, "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$");
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
    execute(*connection_, "DEALLOCATE ALL");
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
}

TEST_F(statement_cache_pgtest, result_with_other_columns_is_prepared_again_outside_a_transaction) {
    execute(*connection_, "CREATE TABLE t(a int4)");
    execute(*connection_, "INSERT INTO t VALUES (5)");
    EXPECT_EQ(query<int>(*connection_, "SELECT * FROM t").one(), 5);
    execute(*connection_, "ALTER TABLE t ADD COLUMN b text DEFAULT 'x'");
    EXPECT_EQ(std::get<1>((query<int, std::string>(*connection_, "SELECT * FROM t").one())), "x");
    execute(*connection_, "ALTER TABLE t ALTER COLUMN a TYPE text");
    EXPECT_EQ(std::get<0>((query<std::string, std::string>(*connection_, "SELECT * FROM t").one())), "5");
}

TEST_F(statement_cache_pgtest, stale_statement_is_reported_inside_a_transaction_and_works_in_the_next) {
    execute(*connection_, "CREATE TABLE t(a int4)");
    (void)query<int>(*connection_, "SELECT * FROM t");
    execute(*connection_, "ALTER TABLE t ADD COLUMN b text");
    batch_item begin = utility("BEGIN");
    run(*connection_, std::span(&begin, 1));
    EXPECT_THROW((void)query<int>(*connection_, "SELECT * FROM t"), database_error);
    batch_item rollback = utility("ROLLBACK");
    run(*connection_, std::span(&rollback, 1));
    EXPECT_EQ((query<int, std::string>(*connection_, "SELECT * FROM t").size()), 0U);
}

TEST_F(statement_cache_pgtest, group_with_several_stale_statements_is_run_once_more_as_a_whole) {
    connection_ = connect(socket_settings(database_)); // whose cache holds all of them
    execute(*connection_, "CREATE TABLE t(a int4)");
    statement_run insert("INSERT INTO t VALUES (1)");
    statement_run read("SELECT * FROM t");
    statement_run other("SELECT a, t.* FROM t");
    for (int round = 1; round <= 3; ++round) {
        std::vector<batch_item> items{insert.as_item(), read.as_item(), other.as_item()};
        const auto before = connection_->counters().round_trips;
        run(*connection_, items);
        for (const auto& item : items)
            EXPECT_EQ(item.error, nullptr);
        EXPECT_EQ(connection_->counters().round_trips - before, round == 1 ? 2U : 3U);
        EXPECT_EQ(read.rows.size(), static_cast<std::size_t>(round)) << "and the row of the first try is not there";
        EXPECT_EQ(read.rows.shape().columns.size(), static_cast<std::size_t>(round));
        execute(*connection_, "ALTER TABLE t ADD COLUMN b" + std::to_string(round) + " text");
    }
}

TEST_F(statement_cache_pgtest, procedure_in_front_of_a_stale_statement_is_not_called_twice) {
    database_.execute("CREATE TABLE calls(n int4)");
    database_.execute("CREATE TABLE t(a int4)");
    database_.execute("CREATE PROCEDURE note() LANGUAGE plpgsql AS 'BEGIN INSERT INTO calls VALUES (1); COMMIT; END'");
    (void)query<int>(*connection_, "SELECT * FROM t");
    database_.execute("ALTER TABLE t ADD COLUMN b text");
    statement_run call("CALL note()");
    statement_run stale("SELECT * FROM t");
    std::vector<batch_item> items{call.as_item(), stale.as_item()};
    run(*connection_, items);
    EXPECT_EQ(items[0].error, nullptr);
    EXPECT_NE(items[1].error, nullptr);
    EXPECT_EQ(database_.value("SELECT count(*) FROM calls"), "1");
}

TEST_F(statement_cache_pgtest, group_in_front_of_others_is_not_run_out_of_turn) {
    execute(*connection_, "CREATE TABLE t(a int4)");
    (void)query<int>(*connection_, "SELECT * FROM t");
    execute(*connection_, "ALTER TABLE t ADD COLUMN b text");
    statement_run stale("SELECT * FROM t");
    statement_run behind("INSERT INTO t VALUES (1)");
    std::vector<batch_item> items{stale.as_item(), behind.as_item()};
    items[0].end_of_group = true;
    run(*connection_, items);
    EXPECT_THROW(std::rethrow_exception(items[0].error), database_error);
    EXPECT_EQ(items[1].error, nullptr);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM t").one(), 1);
}

TEST_F(statement_cache_pgtest, statements_dropped_one_by_one_or_by_discard_all_are_prepared_again) {
    for (const std::string drop : {"DEALLOCATE ALL", "DISCARD ALL", "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$"}) {
        EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
        EXPECT_EQ(query<int>(*connection_, "SELECT 2").one(), 2);
        execute(*connection_, drop);
        EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
        EXPECT_EQ(query<int>(*connection_, "SELECT 2").one(), 2);
    }
}

TEST_F(statement_cache_pgtest, statements_dropped_inside_a_transaction_are_reported_there_and_work_in_the_next) {
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
    batch_item begin = utility("BEGIN");
    run(*connection_, std::span(&begin, 1));
    execute(*connection_, "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$");
    try {
        (void)query<int>(*connection_, "SELECT 1");
        ADD_FAILURE() << "a transaction that had failed went on";
    } catch (const database_error& error) {
        EXPECT_EQ(error.sqlstate(), "26000");
    }
    batch_item rollback = utility("ROLLBACK");
    run(*connection_, std::span(&rollback, 1));
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
}

TEST_F(statement_cache_pgtest, text_beyond_the_limit_is_closed_with_the_next_write) {
    settings where = small_cache(database_);
    where.statement_cache_max_length = 80;
    connection_ = connect(where);
    const auto text_of = [](std::size_t size) { return "SELECT 1 --" + std::string(size - 11, 'x'); };
    for (const std::size_t size : {80U, 81U})
        execute(*connection_, text_of(size));
    EXPECT_EQ(prepared(), 2); // with the one that asks
    const auto before = connection_->counters().round_trips;
    execute(*connection_, text_of(80));
    EXPECT_EQ(connection_->counters().round_trips - before, 1U);
    execute(*connection_, text_of(81));
    EXPECT_EQ(connection_->counters().round_trips - before, 3U);
}

TEST_F(statement_cache_pgtest, statement_that_is_too_old_is_prepared_anew) {
    settings where = small_cache(database_);
    where.statement_cache_max_age = std::chrono::nanoseconds(1);
    connection_ = connect(where);
    for (int i = 0; i < 3; ++i) {
        const auto before = connection_->counters().round_trips;
        execute(*connection_, "SELECT 1");
        EXPECT_EQ(connection_->counters().round_trips - before, 2U);
    }
    EXPECT_LE(prepared(), 2); // the old ones are closed
}

TEST_F(statement_cache_pgtest, error_of_the_statement_itself_is_not_taken_for_a_stale_one) {
    EXPECT_THROW(execute(*connection_, "EXECUTE nothing"), database_error);
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
}

TEST_F(statement_cache_pgtest, names_are_another_ones_on_every_connection) {
    constexpr auto names = "SELECT string_agg(name, ' ') FROM pg_prepared_statements";
    const auto other = connect(small_cache(database_));
    EXPECT_NE(query<std::string>(*connection_, names).one(), query<std::string>(*other, names).one());
}

} // namespace
} // namespace wharf::postgres
