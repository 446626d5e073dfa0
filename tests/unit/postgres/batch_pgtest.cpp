// Batches as pipelines: round trips, groups, and whose error is whose.
#include "connected.hpp"

#include "wharf/base/database_error.hpp"

#include <deque>

namespace wharf::postgres {
namespace {

class batch_pgtest : public connected_pgtest {
protected:
    batch_pgtest() { execute(*connection_, "CREATE TABLE t(id int4 PRIMARY KEY, s text)"); }

    // Adds a statement to the batch.
    template <class... T>
    void add(std::string sql, const T&... values) {
        runs_.emplace_back(std::move(sql), values...);
        items_.push_back(runs_.back().as_item());
    }
    void add_utility(std::string_view sql) { items_.push_back(utility(sql)); }
    void end_group() { items_.back().end_of_group = true; }

    // Runs the batch and returns what it cost.
    std::uint64_t run_batch() {
        const std::uint64_t before = connection_->counters().round_trips;
        run(*connection_, items_);
        return connection_->counters().round_trips - before;
    }
    std::uint64_t run_again() {
        for (batch_item& item : items_) {
            item.error = nullptr;
            item.skipped = false;
        }
        return run_batch();
    }
    void clear() {
        items_.clear();
        runs_.clear();
    }
    // "ok", "skipped", or the SQLSTATE, for each item.
    [[nodiscard]] std::string outcomes() const {
        std::string text;
        for (const batch_item& item : items_) {
            if (!text.empty()) text += ' ';
            text += outcome(item);
        }
        return text;
    }
    static std::string outcome(const batch_item& item) {
        if (!item.error) return item.skipped ? "skipped without an error" : "ok";
        try {
            std::rethrow_exception(item.error);
        } catch (const database_error& refused) {
            if (item.skipped) return refused.sqlstate() == "25P02" ? "skipped" : "skipped with another error";
            return std::string(refused.sqlstate());
        } catch (const conversion_error&) {
            return "conversion";
        } catch (const usage_error&) {
            return "usage";
        }
    }
    [[nodiscard]] std::string count() { return database_.value("SELECT count(*) FROM t"); }

    std::deque<statement_run> runs_;
    std::vector<batch_item> items_;
};

TEST_F(batch_pgtest, cold_statements_cost_one_more_round_trip_together) {
    add_utility("BEGIN");
    add("INSERT INTO t VALUES ($1, 'a')", 1);
    add("INSERT INTO t VALUES ($1, 'b')", 2);
    add("SELECT count(*) FROM t");
    add_utility("COMMIT");
    EXPECT_EQ(run_batch(), 2U);
    EXPECT_EQ(outcomes(), "ok ok ok ok ok");
    EXPECT_EQ(rows<std::int64_t>(runs_[2].rows).one(), 2);
    EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
    execute(*connection_, "DELETE FROM t");
    EXPECT_EQ(run_again(), 1U);
    EXPECT_EQ(outcomes(), "ok ok ok ok ok");
}

TEST_F(batch_pgtest, transaction_status_is_what_the_server_says) {
    add_utility("BEGIN");
    run_batch();
    EXPECT_EQ(connection_->status(), wharf::transaction_status::active);
    EXPECT_THROW(execute(*connection_, "SELECT 1/0"), data_error);
    EXPECT_EQ(connection_->status(), wharf::transaction_status::failed);
    EXPECT_THROW(execute(*connection_, "SELECT 1"), transaction_aborted);
    clear();
    add_utility("ROLLBACK");
    run_batch();
    EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
}

TEST_F(batch_pgtest, error_skips_the_rest_of_its_group_and_only_that) {
    for (const bool warm : {false, true}) {
        SCOPED_TRACE(warm ? "warm" : "cold");
        clear();
        execute(*connection_, "DELETE FROM t");
        add("INSERT INTO t VALUES (1)");
        end_group();
        add("INSERT INTO t VALUES (2)");
        add("INSERT INTO t VALUES (1)");
        add("INSERT INTO t VALUES (3)");
        end_group();
        add("INSERT INTO t VALUES (4)");
        run_batch();
        EXPECT_EQ(outcomes(), "ok ok 23505 skipped ok");
        EXPECT_EQ(database_.value("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"), "1,4");
        EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
    }
}

TEST_F(batch_pgtest, statement_that_cannot_be_parsed_fails_its_group_and_no_other) {
    add("INSERT INTO t VALUES (1)");
    end_group();
    add("INSERT INTO t VALUES (2)");
    add("INSERT INTO nowhere VALUES (1)");
    add("INSERT INTO t VALUES (3)");
    end_group();
    add("INSERT INTO t VALUES (4)");
    end_group();
    add("INSERT INTO nowhere VALUES (1)");
    run_batch();
    EXPECT_EQ(outcomes(), "ok skipped 42P01 skipped ok 42P01");
    EXPECT_EQ(database_.value("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"), "1,4");
}

TEST_F(batch_pgtest, statement_that_cannot_be_parsed_fails_the_transaction_begun_in_front_of_it) {
    add_utility("BEGIN");
    add("INSERT INTO t VALUES (1)");
    add("INSERT INTO nowhere VALUES (1)");
    add_utility("COMMIT");
    EXPECT_EQ(run_batch(), 2U);
    EXPECT_EQ(outcomes(), "ok skipped 42P01 skipped");
    EXPECT_EQ(connection_->status(), wharf::transaction_status::failed);
    clear();
    add_utility("ROLLBACK");
    end_group();
    add("SELECT 1");
    run_batch();
    EXPECT_EQ(outcomes(), "ok ok");
    EXPECT_EQ(count(), "0");
}

TEST_F(batch_pgtest, savepoint_in_front_of_a_cold_failing_statement_saves_the_transaction) {
    add_utility("BEGIN");
    add("INSERT INTO t VALUES (1)");
    run_batch();
    clear();
    add_utility("SAVEPOINT a");
    add("INSERT INTO nowhere VALUES (1)");
    run_batch();
    EXPECT_EQ(outcomes(), "ok 42P01");
    clear();
    add_utility("ROLLBACK TO SAVEPOINT a");
    add_utility("COMMIT");
    run_batch();
    EXPECT_EQ(outcomes(), "ok ok");
    EXPECT_EQ(count(), "1");
}

TEST_F(batch_pgtest, statements_see_what_a_utility_in_front_of_them_made) {
    add_utility("CREATE TABLE made(id int4)");
    add("INSERT INTO made VALUES (1)");
    add_utility("ALTER TABLE made ADD COLUMN s text");
    add("INSERT INTO made(s) VALUES ('x')");
    run_batch();
    EXPECT_EQ(outcomes(), "ok ok ok ok");
}

TEST_F(batch_pgtest, failing_begin_skips_what_follows) {
    add_utility("BEGINN");
    add("INSERT INTO t VALUES (1)");
    run_batch();
    EXPECT_EQ(outcomes(), "42601 skipped");
    EXPECT_EQ(count(), "0");
}

TEST_F(batch_pgtest, commit_answered_by_rollback_is_a_failure) {
    add_utility("BEGIN");
    add("INSERT INTO t VALUES (1)");
    end_group();
    add("SELECT 1/0");
    end_group();
    add_utility("COMMIT");
    run_batch();
    EXPECT_EQ(outcomes(), "ok ok 22012 25P02");
    EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
    EXPECT_EQ(count(), "0");
}

TEST_F(batch_pgtest, constraint_checked_at_commit_fails_the_commit) {
    execute(*connection_, "CREATE TABLE d(id int4 PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
    add_utility("BEGIN");
    add("INSERT INTO d VALUES (1), (1)");
    add_utility("COMMIT");
    run_batch();
    EXPECT_EQ(outcomes(), "ok ok 23505");
    EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
}

TEST_F(batch_pgtest, constraint_checked_at_the_end_of_an_implicit_transaction_fails_its_last_statement) {
    execute(*connection_, "CREATE TABLE d(id int4 PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
    add("INSERT INTO d VALUES (1), (1)");
    end_group();
    add("SELECT 1");
    run_batch();
    EXPECT_EQ(outcomes(), "23505 ok");
}

TEST_F(batch_pgtest, value_that_does_not_fit_fails_its_statement_and_what_belongs_to_it) {
    for (const bool warm : {false, true}) {
        SCOPED_TRACE(warm ? "warm" : "cold");
        clear();
        execute(*connection_, "DELETE FROM t");
        add("INSERT INTO t VALUES ($1)", 1);
        end_group();
        add("INSERT INTO t VALUES ($1)", 2);
        add("INSERT INTO t VALUES ($1)", std::int64_t{1} << 40);
        add("INSERT INTO t VALUES ($1)", 3);
        end_group();
        add("INSERT INTO t VALUES ($1)", 4);
        run_batch();
        EXPECT_EQ(outcomes(), "ok ok conversion skipped ok");
        EXPECT_EQ(database_.value("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"), "1,4");
        EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
    }
}

TEST_F(batch_pgtest, value_that_does_not_fit_prevents_the_commit_behind_it) {
    add_utility("BEGIN");
    add("INSERT INTO t VALUES (1)");
    add("INSERT INTO t VALUES ($1)", std::int64_t{1} << 40);
    add_utility("COMMIT");
    run_batch();
    EXPECT_EQ(outcomes(), "ok ok conversion skipped");
    EXPECT_EQ(connection_->status(), wharf::transaction_status::failed);
    clear();
    add_utility("ROLLBACK");
    run_batch();
    EXPECT_EQ(count(), "0");
}

TEST_F(batch_pgtest, value_that_does_not_fit_alone_leaves_an_open_transaction_as_it_was) {
    add_utility("BEGIN");
    add("INSERT INTO t VALUES ($1)", 1);
    run_batch();
    clear();
    const auto trips = connection_->counters().round_trips;
    EXPECT_THROW(execute(*connection_, "INSERT INTO t VALUES ($1)", std::int64_t{1} << 40), conversion_error);
    EXPECT_EQ(connection_->counters().round_trips, trips) << "something was sent";
    EXPECT_EQ(connection_->status(), wharf::transaction_status::active);
    add_utility("COMMIT");
    run_batch();
    EXPECT_EQ(count(), "1");
}

TEST_F(batch_pgtest, nul_in_one_statement_spares_the_other_groups) {
    add("INSERT INTO t VALUES (1)");
    end_group();
    add(std::string("INSERT\0", 7));
    add("INSERT INTO t VALUES (2)");
    end_group();
    add("INSERT INTO t VALUES (3)");
    run_batch();
    EXPECT_EQ(outcomes(), "ok usage skipped ok");
}

TEST_F(batch_pgtest, empty_batch_does_nothing) {
    EXPECT_EQ(run_batch(), 0U);
}

TEST_F(batch_pgtest, thousand_statements_are_one_round_trip) {
    for (int i = 0; i < 1000; ++i)
        add("INSERT INTO t VALUES ($1, $2)", i, std::string(200, 'x'));
    EXPECT_EQ(run_batch(), 2U);
    EXPECT_EQ(count(), "1000");
    execute(*connection_, "DELETE FROM t");
    EXPECT_EQ(run_again(), 1U);
    EXPECT_EQ(count(), "1000");
}

// 16 MiB of parameters against 16 MiB of rows: whoever only wrote would wait for ever.
TEST_F(batch_pgtest, both_sides_writing_more_than_sockets_hold_do_not_wait_for_each_other) {
    const std::string large(std::size_t{256} << 10, 'z');
    for (int i = 0; i < 64; ++i)
        add("SELECT $1::text", large);
    EXPECT_EQ(run_batch(), 2U);
    for (statement_run& each : runs_)
        ASSERT_EQ(rows<std::string>(each.rows).one(), large);
}

TEST_F(batch_pgtest, results_of_many_statements_do_not_mix) {
    for (int i = 0; i < 200; ++i)
        add("SELECT i, $1::int4 FROM generate_series(1, $2) i", i, i * 37 % 3000);
    run_batch();
    for (int i = 0; i < 200; ++i) {
        const rows<int, int> found(runs_[static_cast<std::size_t>(i)].rows);
        ASSERT_EQ(found.size(), static_cast<std::size_t>(i * 37 % 3000));
        int expected = 1;
        for (const auto& [number, tag] : found) {
            ASSERT_EQ(number, expected++);
            ASSERT_EQ(tag, i);
        }
    }
}

TEST_F(batch_pgtest, observer_sees_the_statements_in_order) {
    struct : statement_observer {
        void on_statement(std::string_view sql, std::size_t parameters) override {
            seen += std::string(sql) + "/" + std::to_string(parameters) + ";";
        }
        void on_round_trip() override { seen += "|"; }
        std::string seen{};
    } observer;
    connection_->observe(&observer);
    add_utility("BEGIN");
    add("SELECT $1::int4", 1);
    add_utility("COMMIT");
    run_batch();
    run_again();
    EXPECT_EQ(observer.seen, "BEGIN/0;|SELECT $1::int4/1;COMMIT/0;|BEGIN/0;SELECT $1::int4/1;COMMIT/0;|");
    connection_->observe(nullptr);
}

} // namespace
} // namespace wharf::postgres
