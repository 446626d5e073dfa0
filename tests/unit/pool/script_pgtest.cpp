// Scripts on leased connections, on both backends.
#include "support/backends.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using testing::ElementsAre;

template <class Backend>
class script : public testing::Test {
protected:
    static constexpr bool is_on_postgres = Backend::is_postgres;
    Backend database_{};
    wharf::pool pool_{database_.url(), {.max_size = 1}};
    wharf::connection conn_{pool_.acquire()};
};
TYPED_TEST_SUITE(script, wharf::test::backends);

TYPED_TEST(script, statements_run_in_turn_and_each_has_its_result) {
    const auto results = this->conn_.script("CREATE TABLE t(n INTEGER, name TEXT); -- a comment; with a semicolon\n"
                                            "INSERT INTO t VALUES (1, 'a;b'), (2, NULL);;\n"
                                            "SELECT n, name FROM t ORDER BY n;\n"
                                            "DELETE FROM t WHERE n = 1");
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[0].command().substr(0, 6), "CREATE");
    EXPECT_EQ(results[1].affected(), 2U);
    const auto rows = results[2].template rows<int, std::optional<std::string>>();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0], (std::tuple<int, std::optional<std::string>>{1, "a;b"}));
    EXPECT_EQ(rows[1], (std::tuple<int, std::optional<std::string>>{2, std::nullopt}));
    EXPECT_EQ(results[3].affected(), 1U);
    EXPECT_EQ(this->conn_.template query<int>("SELECT count(*) FROM t").one(), 1);
}

TYPED_TEST(script, first_error_ends_it_and_says_where_it_is) {
    this->conn_.execute("CREATE TABLE t(n INTEGER)");
    try {
        this->conn_.script("INSERT INTO t VALUES (1); SELECT nothing FROM t; INSERT INTO t VALUES (2)");
        ADD_FAILURE() << "there was no error";
    } catch (const wharf::database_error& error) {
        if (TestFixture::is_on_postgres) {
            EXPECT_EQ(error.position(), 34);
        }
        EXPECT_THAT(std::string(error.statement()), testing::HasSubstr("SELECT nothing"));
    }
    // As the server does it: PostgreSQL undoes a script without transaction statements as a whole, SQLite does not.
    EXPECT_EQ(this->conn_.template query<int>("SELECT count(*) FROM t").one(), TestFixture::is_on_postgres ? 0 : 1);
}

TYPED_TEST(script, transactions_in_it_are_the_connections) {
    this->conn_.script("CREATE TABLE t(n INTEGER); BEGIN; INSERT INTO t VALUES (1); COMMIT; BEGIN; DELETE FROM t; "
                       "ROLLBACK");
    EXPECT_EQ(this->conn_.template query<int>("SELECT count(*) FROM t").one(), 1);
    {
        auto tx = this->conn_.begin();
        this->conn_.script("INSERT INTO t VALUES (2); INSERT INTO t VALUES (3)");
    }
    EXPECT_EQ(this->conn_.template query<int>("SELECT count(*) FROM t").one(), 1);
}

TYPED_TEST(script, rows_beyond_the_limit_are_not_kept) {
    constexpr auto text = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000) "
                          "SELECT n FROM c; SELECT 7";
    const auto results = this->conn_.script(text, wharf::script_options{.row_limit = 10});
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].found().size(), 10U);
    EXPECT_TRUE(results[0].is_cut());
    EXPECT_EQ(results[0].affected(), 1000U);
    EXPECT_FALSE(results[1].is_cut());
    EXPECT_EQ(results[1].template rows<int>().one(), 7);
}

TYPED_TEST(script, text_without_statements_yields_nothing) {
    EXPECT_TRUE(this->conn_.script("").empty());
    EXPECT_TRUE(this->conn_.script(" ; -- nothing\n;").empty());
    EXPECT_EQ(this->conn_.template query<int>("SELECT 7").one(), 7);
}

TYPED_TEST(script, left_behind_transaction_is_rolled_back_by_the_pool) {
    this->conn_.script("CREATE TABLE t(n INTEGER)");
    this->conn_.script("BEGIN; INSERT INTO t VALUES (1)");
    this->conn_.release();
    EXPECT_EQ(this->pool_.acquire().template query<int>("SELECT count(*) FROM t").one(), 0);
}

class postgres_script : public script<wharf::test::on_postgres> {};

TEST_F(postgres_script, statements_dropped_by_it_are_prepared_again) {
    EXPECT_EQ(conn_.query<int>("SELECT 7").one(), 7);
    conn_.script("SELECT 1; DEALLOCATE ALL");
    EXPECT_EQ(conn_.query<int>("SELECT 7").one(), 7);
}

TEST_F(postgres_script, takes_one_round_trip) {
    conn_.execute("SELECT 1");
    const auto before = conn_.core().underlying().counters().round_trips;
    conn_.script("SELECT 1; SELECT 2; SELECT 3");
    EXPECT_EQ(conn_.core().underlying().counters().round_trips - before, 1U);
}

TEST_F(postgres_script, values_are_read_from_text) {
    const auto results = conn_.script("SELECT 1.5::float8, true, -7::int8, 'x'::name");
    const auto [number, flag, integer, text] = results[0].rows<double, bool, std::int64_t, std::string>().one();
    EXPECT_EQ(number, 1.5);
    EXPECT_TRUE(flag);
    EXPECT_EQ(integer, -7);
    EXPECT_EQ(text, "x");
}

TEST_F(postgres_script, copy_is_refused_and_the_pool_goes_on) {
    EXPECT_THROW(conn_.script("COPY (SELECT 1) TO STDOUT; SELECT 1"), wharf::usage_error);
    EXPECT_EQ(conn_.query<int>("SELECT 7").one(), 7);
    EXPECT_THROW(conn_.script("CREATE TABLE t(n int); COPY t FROM STDIN"), wharf::usage_error);
    conn_.release();
    EXPECT_EQ(pool_.acquire({std::chrono::seconds(10)}).query<int>("SELECT 7").one(), 7);
}

TEST_F(postgres_script, nul_in_the_text_is_refused_before_anything_is_sent) {
    EXPECT_THROW(conn_.script(std::string_view("SELECT 1;\0 SELECT 2", 19)), wharf::usage_error);
    EXPECT_EQ(conn_.query<int>("SELECT 7").one(), 7);
}

} // namespace
