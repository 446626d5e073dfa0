// Pipelines on leased connections, on both backends: what is run, and whose error is whose.
#include "support/backends.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using testing::HasSubstr;

template <class Backend>
class pipeline : public testing::Test {
protected:
    pipeline() { conn_.execute("CREATE TABLE t(n INTEGER PRIMARY KEY)"); }
    [[nodiscard]] int count() { return conn_.query<int>("SELECT count(*) FROM t").one(); }
    static std::string message(const wharf::pipelined_statement& of) {
        if (of.error() == nullptr) return "no error";
        try {
            std::rethrow_exception(of.error());
        } catch (const std::exception& error) {
            return error.what();
        }
    }

    static constexpr bool is_on_postgres = Backend::is_postgres;
    Backend database_{};
    wharf::pool pool_{database_.url(), {.max_size = 1}};
    wharf::connection conn_{pool_.acquire()};
};
TYPED_TEST_SUITE(pipeline, wharf::test::backends);

TYPED_TEST(pipeline, warm_statements_take_one_round_trip_and_each_has_its_typed_result) {
    auto& conn = this->conn_;
    wharf::pipeline batch;
    const auto ids = batch.query<int>("INSERT INTO t VALUES ($1), ($2) RETURNING n", 1, 2);
    batch.sync();
    const auto gone = batch.execute("DELETE FROM t WHERE n > $1", 0);
    const auto left = batch.query<std::int64_t, std::string>("SELECT count(*), 'text' FROM t");
    EXPECT_EQ(batch.size(), 3U);
    EXPECT_THROW((void)gone.affected(), wharf::usage_error);
    for (const std::uint64_t expected_trips : {2U, 1U}) { // cold, warm
        const auto before = conn.core().underlying().counters().round_trips;
        conn.run(batch);
        if (TestFixture::is_on_postgres) {
            EXPECT_EQ(conn.core().underlying().counters().round_trips - before, expected_trips);
        }
        EXPECT_EQ(ids.rows().size(), 2U);
        EXPECT_EQ(gone.affected(), 2U);
        EXPECT_EQ(std::get<0>(left.rows().one()), 0);
    }
}

TYPED_TEST(pipeline, statement_that_is_added_behind_a_run_has_not_been_run) {
    wharf::pipeline batch;
    const auto first = batch.query<int>("SELECT 1");
    this->conn_.run(batch);
    const auto second = batch.query<int>("SELECT 2");
    EXPECT_EQ(first.rows().one(), 1);
    EXPECT_THROW((void)second.rows(), wharf::usage_error);
    this->conn_.run(batch);
    EXPECT_EQ(second.rows().one(), 2);
}

TYPED_TEST(pipeline, error_is_its_own_and_those_behind_it_in_its_unit_name_it) {
    auto& conn = this->conn_;
    wharf::pipeline batch;
    const auto before = batch.execute("INSERT INTO t VALUES (1)");
    batch.sync();
    const auto together = batch.execute("INSERT INTO t VALUES (2)");
    const auto failed = batch.execute("INSERT INTO t VALUES ($1)", 1);
    const auto skipped = batch.query<int>("INSERT INTO t VALUES (3) RETURNING n");
    batch.sync();
    const auto after = batch.execute("INSERT INTO t VALUES (4)");
    EXPECT_THROW(conn.run(batch), wharf::unique_violation);

    EXPECT_EQ(before.affected(), 1U);
    EXPECT_THROW((void)together.affected(), wharf::transaction_aborted);
    EXPECT_FALSE(together.skipped());
    EXPECT_THAT(this->message(together), HasSubstr("undone: statement 3 of the pipeline failed behind it"));
    EXPECT_THROW((void)failed.affected(), wharf::unique_violation);
    EXPECT_FALSE(failed.skipped());
    EXPECT_TRUE(skipped.skipped());
    EXPECT_THROW((void)skipped.rows(), wharf::transaction_aborted);
    EXPECT_THAT(this->message(skipped), HasSubstr("statement 3 of the pipeline failed before it"));
    EXPECT_EQ(after.affected(), 1U);
    EXPECT_EQ(this->count(), 2); // 1 and 4: the unit of the failed one has left nothing
}

TYPED_TEST(pipeline, error_of_a_commit_is_that_of_every_statement_of_its_unit) {
    auto& conn = this->conn_;
    conn.execute("CREATE TABLE child(n INTEGER REFERENCES t(n) DEFERRABLE INITIALLY DEFERRED)");
    wharf::pipeline batch;
    const auto first = batch.execute("INSERT INTO child VALUES (7)");
    const auto last = batch.execute("INSERT INTO t VALUES (1)");
    batch.sync();
    const auto alone = batch.execute("INSERT INTO child VALUES (8)");
    batch.sync();
    const auto after = batch.execute("INSERT INTO t VALUES (2)");
    EXPECT_THROW(conn.run(batch), wharf::foreign_key_violation);
    EXPECT_THROW((void)first.affected(), wharf::foreign_key_violation);
    EXPECT_THROW((void)last.affected(), wharf::foreign_key_violation);
    EXPECT_THAT(this->message(first), HasSubstr("at the commit"));
    EXPECT_THAT(this->message(last), HasSubstr("at the commit"));
    EXPECT_THROW((void)alone.affected(), wharf::foreign_key_violation);
    EXPECT_EQ(after.affected(), 1U);
    EXPECT_EQ(this->count(), 1);
}

TYPED_TEST(pipeline, what_stands_in_front_of_a_commit_is_not_undone) {
    if (!TestFixture::is_on_postgres) return; // SQLite runs such a unit statement by statement
    wharf::pipeline batch;
    const auto kept = batch.execute("INSERT INTO t VALUES (1)");
    batch.execute("COMMIT");
    const auto lost = batch.execute("INSERT INTO t VALUES (2)");
    batch.execute("INSERT INTO t VALUES (2)");
    this->conn_.try_run(batch);
    EXPECT_EQ(kept.affected(), 1U);
    EXPECT_THROW((void)lost.affected(), wharf::transaction_aborted);
    EXPECT_EQ(this->count(), 1);
}

TYPED_TEST(pipeline, error_inside_a_transaction_fails_what_it_has_undone) {
    auto& conn = this->conn_;
    auto tx = conn.begin();
    conn.execute("INSERT INTO t VALUES (5)");
    wharf::pipeline batch;
    const auto first = batch.execute("INSERT INTO t VALUES (1)");
    batch.execute("INSERT INTO t VALUES (1)");
    conn.try_run(batch);
    if (TestFixture::is_on_postgres)
        EXPECT_THROW((void)first.affected(), wharf::transaction_aborted);
    else // whose transactions survive an error
        EXPECT_EQ(first.affected(), 1U);
    tx.rollback();
    EXPECT_EQ(this->count(), 0);
}

TYPED_TEST(pipeline, try_run_leaves_errors_to_be_looked_at) {
    wharf::pipeline batch;
    const auto failed = batch.execute("INSERT INTO nowhere VALUES (1)");
    batch.sync();
    const auto after = batch.execute("INSERT INTO t VALUES (4)");
    this->conn_.try_run(batch);
    EXPECT_THROW(std::rethrow_exception(failed.error()), wharf::database_error);
    EXPECT_EQ(after.affected(), 1U);
}

TYPED_TEST(pipeline, begun_transaction_travels_in_front_and_makes_it_one_unit) {
    auto& conn = this->conn_;
    {
        wharf::pipeline batch;
        const auto failed = batch.execute("INSERT INTO t VALUES (1), (1)");
        batch.sync();
        const auto skipped = batch.execute("INSERT INTO t VALUES (2)");
        auto tx = conn.begin();
        conn.try_run(batch);
        EXPECT_NE(failed.error(), nullptr);
        EXPECT_TRUE(skipped.skipped());
        EXPECT_THAT(this->message(skipped), HasSubstr("statement 1 of the pipeline"));
    }
    EXPECT_EQ(this->count(), 0);
}

} // namespace
