// What a borrower leaves behind, and what the next one finds: nothing.
#include "connected.hpp"

#include "support/soon.hpp"
#include "wharf/base/database_error.hpp"

#include <array>
#include <cstdint>

namespace wharf::postgres {
namespace {

// How it is done: with the next batch, or before that, when its answer may have come or not.
enum class when : std::uint8_t { with_the_next_batch, at_once, answered };

class reset_pgtest : public connected_pgtest, public testing::WithParamInterface<when> {
protected:
    void reset() {
        if (GetParam() == when::with_the_next_batch) return connection_->reset_before_next();
        EXPECT_TRUE(connection_->undo_now(undo::session));
        if (GetParam() == when::at_once) return;
        EXPECT_TRUE(test::soon([this] { return connection_->still_open() && !connection_->awaits_undo(); }));
    }
    // One value that the next borrower reads with its first statement.
    template <class T>
    T after_reset(const std::string& sql) {
        reset();
        return query<T>(*connection_, sql).one();
    }
    void run_utility(std::string_view sql) {
        batch_item item = utility(sql);
        run(*connection_, std::span(&item, 1));
        if (item.error) std::rethrow_exception(item.error);
    }
};

TEST_P(reset_pgtest, travels_in_the_write_of_the_next_batch_and_keeps_prepared_statements) {
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
    const auto trips = connection_->counters().round_trips;
    const auto statements = connection_->counters().statements;
    EXPECT_EQ(after_reset<int>("SELECT 1"), 1);
    EXPECT_EQ(after_reset<int>("SELECT 1"), 1);
    EXPECT_EQ(connection_->counters().round_trips - trips, 2U);
    EXPECT_EQ(connection_->counters().statements - statements, 2U) << "the reset counts as statements";
}

TEST_P(reset_pgtest, cold_batch_behind_it_costs_two_round_trips) {
    EXPECT_EQ(after_reset<int>("SELECT 1"), 1);
    EXPECT_EQ(connection_->counters().round_trips, 2U);
}

TEST_P(reset_pgtest, settings_return_to_what_the_connection_was_opened_with) {
    settings where = socket_settings(database_);
    where.parameters = {{"work_mem", "7MB"}};
    where.options = "-c geqo=off";
    connection_ = connect(where);
    run_utility("SET work_mem = '1MB'");
    run_utility("SET geqo = on");
    execute(*connection_, "SELECT set_config('search_path', 'pg_temp', false)");
    run_utility("SET default_transaction_read_only = on");
    run_utility("SET TIME ZONE 'Asia/Tokyo'");
    EXPECT_EQ(after_reset<std::string>("SELECT current_setting('work_mem')"), "7MB");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT current_setting('geqo')").one(), "off");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT current_setting('search_path')").one(), "\"$user\", public");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT current_setting('default_transaction_read_only')").one(), "off");
    EXPECT_NE(query<std::string>(*connection_, "SELECT current_setting('TimeZone')").one(), "Asia/Tokyo");
}

TEST_P(reset_pgtest, role_is_the_one_of_the_login) {
    const auto me = query<std::string>(*connection_, "SELECT current_user").one();
    run_utility("SET ROLE pg_monitor");
    EXPECT_EQ(after_reset<std::string>("SELECT current_user"), me);
    run_utility("SET SESSION AUTHORIZATION pg_monitor");
    EXPECT_EQ(after_reset<std::string>("SELECT session_user || current_user"), me + me);
}

TEST_P(reset_pgtest, temporary_tables_cursors_listens_and_locks_are_gone) {
    run_utility("CREATE TEMPORARY TABLE left_behind(id int4)");
    run_utility("LISTEN news");
    run_utility("BEGIN");
    run_utility("DECLARE held CURSOR WITH HOLD FOR SELECT 1");
    run_utility("COMMIT");
    execute(*connection_, "SELECT pg_advisory_lock(7)");
    EXPECT_EQ(after_reset<std::int64_t>("SELECT count(*) FROM pg_cursors WHERE is_holdable"), 0);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_listening_channels()").one(), 0);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_class WHERE relname = 'left_behind'").one(),
              0);
    EXPECT_EQ(query<std::int64_t>(
                  *connection_, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
                  .one(),
              0);
}

TEST_P(reset_pgtest, sql_level_prepared_statements_are_dropped_and_ours_kept) {
    execute(*connection_, "CREATE TABLE t(id int4)");
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
    run_utility("PREPARE mine AS SELECT 1");
    run_utility("PREPARE \"odd \"\"name\" AS SELECT 2");
    reset();
    EXPECT_EQ(execute(*connection_, "INSERT INTO t VALUES (1)"), 1U);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_prepared_statements WHERE from_sql").one(), 0);
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "1") << "the borrower's statement ran once";
    const auto trips = connection_->counters().round_trips;
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
    EXPECT_EQ(connection_->counters().round_trips - trips, 1U) << "our own statements were lost";
}

TEST_P(reset_pgtest, survives_the_loss_of_all_prepared_statements) {
    EXPECT_EQ(after_reset<int>("SELECT 1"), 1);
    run_utility("DEALLOCATE ALL");
    run_utility("PREPARE mine AS SELECT 1");
    EXPECT_EQ(after_reset<int>("SELECT 1"), 1);
    EXPECT_EQ(after_reset<int>("SELECT 1"), 1);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_prepared_statements WHERE from_sql").one(), 0);
}

TEST_P(reset_pgtest, stays_done_when_the_borrower_rolls_back) {
    run_utility("SET work_mem = '1MB'");
    reset();
    std::vector<batch_item> items{utility("BEGIN"), utility("ROLLBACK")};
    run(*connection_, items);
    EXPECT_NE(query<std::string>(*connection_, "SELECT current_setting('work_mem')").one(), "1MB");
}

// The reset of a connection that was left inside a failed transaction cannot succeed.
TEST_P(reset_pgtest, failure_is_thrown_before_any_statement_has_run) {
    execute(*connection_, "CREATE TABLE t(id int4)");
    execute(*connection_, "INSERT INTO t VALUES (1)");
    execute(*connection_, "DELETE FROM t");
    std::vector<batch_item> broken{utility("BEGIN"), utility("SELECT 1/0")};
    run(*connection_, broken);
    ASSERT_EQ(connection_->status(), wharf::transaction_status::failed);
    if (GetParam() != when::with_the_next_batch) return; // it is rolled back first

    connection_->reset_before_next();
    std::vector<batch_item> items{utility("ROLLBACK", true), utility("INSERT INTO t VALUES (1)")};
    EXPECT_THROW(run(*connection_, items), not_undone);
    EXPECT_FALSE(connection_->usable());
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "0");
}

TEST_P(reset_pgtest, failure_stops_every_group_of_the_batch) {
    execute(*connection_, "CREATE TABLE t(id int4)");
    execute(*connection_, "CREATE FUNCTION no() RETURNS bool LANGUAGE sql AS 'SELECT false'");
    execute(*connection_, "INSERT INTO t VALUES (1)");
    execute(*connection_, "DELETE FROM t");
    // A time-out so short that the reset runs into it, or does not: either way nothing may be half done.
    for (int i = 0; i < 50 && connection_->usable(); ++i) {
        run_utility("SET statement_timeout = '1ms'");
        reset();
        std::vector<batch_item> items(3);
        for (batch_item& item : items) {
            item.sql = "INSERT INTO t VALUES (1)";
            item.end_of_group = true;
        }
        try {
            run(*connection_, items);
            execute(*connection_, "DELETE FROM t");
        } catch (const connection_error&) {
            EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "0");
        } catch (const query_canceled&) {
        }
    }
}

TEST_P(reset_pgtest, goes_with_the_rollback_of_a_transaction) {
    execute(*connection_, "CREATE TABLE t(id int4)");
    std::vector<batch_item> left{utility("BEGIN"), utility("SET work_mem = '1MB'"),
                                 utility("INSERT INTO t VALUES (1)")};
    run(*connection_, left);
    if (GetParam() == when::with_the_next_batch) run_utility("ROLLBACK");
    const auto trips = connection_->counters().round_trips;
    EXPECT_NE(after_reset<std::string>("SELECT current_setting('work_mem')"), "1MB");
    EXPECT_EQ(connection_->counters().round_trips - trips, 2U) << "those of the cold query";
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "0");
    EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
}

TEST_P(reset_pgtest, is_done_again_where_the_first_statement_behind_it_is_given_up) {
    connection_->when_given_up(cancellation::cancel_and_drain);
    for (int i = 0; i < 5; ++i) {
        run_utility("SET work_mem = '1MB'");
        reset();
        batch_item slow = utility("SELECT pg_catalog.pg_sleep(60)");
        EXPECT_THROW(io::run(connection_->run(std::span(&slow, 1)), call_options(std::chrono::milliseconds(5 * i))),
                     timed_out);
        EXPECT_NE(query<std::string>(*connection_, "SELECT current_setting('work_mem')").one(), "1MB");
    }
}

TEST_P(reset_pgtest, is_done_in_front_of_whatever_comes_first) {
    const auto change = [this] {
        run_utility("SET work_mem = '1MB'");
        reset();
    };
    change();
    const auto outcome = io::run(connection_->run_script("SELECT current_setting('work_mem')", {}));
    ASSERT_EQ(outcome.error, nullptr);
    EXPECT_NE(outcome.results.back().found()[0].next().bytes, "1MB");
    change();
    io::run(connection_->ping());
    EXPECT_NE(query<std::string>(*connection_, "SELECT current_setting('work_mem')").one(), "1MB");
    change();
    batch_item items[1];
    items[0].sql = "SELECT current_setting('work_mem')";
    const auto rows = io::run(connection_->open_rows(items, {}));
    const auto chunk = io::run(rows->next());
    ASSERT_EQ(chunk.size(), 1U);
    rows->leave();
    EXPECT_NE(query<std::string>(*connection_, "SELECT current_setting('work_mem')").one(), "1MB");
}

TEST_P(reset_pgtest, without_names__is_answered_before_anything_is_sent_behind_it) {
    settings where = socket_settings(database_);
    where.statement_cache_size = 0;
    connection_ = connect(where);
    run_utility("SET work_mem = '1MB'");
    EXPECT_NE(after_reset<std::string>("SELECT current_setting('work_mem')"), "1MB");
    run_utility("DEALLOCATE ALL");
    run_utility("SET work_mem = '1MB'");
    EXPECT_NE(after_reset<std::string>("SELECT current_setting('work_mem')"), "1MB");
}

std::string name_of_when(const testing::TestParamInfo<when>& of) {
    constexpr std::array names{"with_the_next_batch", "at_once", "answered"};
    return names[static_cast<std::size_t>(of.param)];
}

INSTANTIATE_TEST_SUITE_P(done, reset_pgtest, testing::Values(when::with_the_next_batch, when::at_once, when::answered),
                         name_of_when);

} // namespace
} // namespace wharf::postgres
