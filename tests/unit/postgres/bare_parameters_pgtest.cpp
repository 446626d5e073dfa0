// Parameters whose type the server cannot infer: it is offered that of the value.
#include "connected.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/row/arrays.hpp"

namespace wharf::postgres {
namespace {

using testing::HasSubstr;

class bare_parameters_pgtest : public connected_pgtest {
protected:
    void run_utility(std::string_view sql) {
        batch_item item = utility(sql);
        run(*connection_, std::span(&item, 1));
    }
};

TEST_F(bare_parameters_pgtest, parameter_without_any_type_has_that_of_its_value) {
    EXPECT_FALSE(query<bool>(*connection_, "SELECT $1 IS NULL", 5).one());
    EXPECT_EQ(query<std::string>(*connection_, "SELECT jsonb_build_object('n', $1)::text", 5).one(), "{\"n\": 5}");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT jsonb_build_object('n', $1)::text", "x").one(),
              "{\"n\": \"x\"}");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT pg_typeof($1)::text", std::vector<int>{1}).one(), "integer[]");
}

TEST_F(bare_parameters_pgtest, parameter_of_two_types_has_that_of_its_value) {
    database_.execute("CREATE TABLE t(n int4, s text)");
    execute(*connection_, "INSERT INTO t VALUES ($1, $1)", 5);
    EXPECT_EQ(database_.value("SELECT n || s FROM t"), "55");
}

TEST_F(bare_parameters_pgtest, parameter_that_was_taken_for_text_has_that_of_its_value) {
    database_.execute("CREATE TABLE t(n int4)");
    execute(*connection_, "INSERT INTO t(n) SELECT x FROM (SELECT $1 AS x) AS s", 5);
    EXPECT_EQ(database_.value("SELECT n FROM t"), "5");
}

TEST_F(bare_parameters_pgtest, statement_is_warm_afterwards) {
    for (const std::uint64_t expected : {3U, 1U}) {
        const auto before = connection_->counters().round_trips;
        EXPECT_FALSE(query<bool>(*connection_, "SELECT $1 IS NULL", 5).one());
        EXPECT_EQ(connection_->counters().round_trips - before, expected);
    }
}

TEST_F(bare_parameters_pgtest, without_names_on_the_server_it_is_the_same) {
    settings where = socket_settings(database_);
    where.statement_cache_size = 0;
    connection_ = connect(where);
    for (const int value : {5, 6})
        EXPECT_EQ(query<int>(*connection_, "SELECT $1 WHERE $1 IS NOT NULL", value).one(), value);
}

TEST_F(bare_parameters_pgtest, inside_a_transaction_the_error_says_which_cast_to_write) {
    run_utility("BEGIN");
    try {
        (void)query<bool>(*connection_, "SELECT $1::int4 = 1 OR $2 IS NULL", 5, "x");
        ADD_FAILURE() << "the server has inferred it";
    } catch (const database_error& error) {
        EXPECT_EQ(error.sqlstate(), "42P18");
        EXPECT_THAT(error.what(), HasSubstr("$2::text"));
    }
    run_utility("ROLLBACK");
}

TEST_F(bare_parameters_pgtest, error_that_the_types_do_not_mend_is_told) {
    database_.execute("CREATE TABLE t(n int4)");
    try {
        execute(*connection_, "INSERT INTO t SELECT s.x FROM (SELECT $1 AS x) AS s", "text");
        ADD_FAILURE() << "a number was made of text";
    } catch (const database_error& error) {
        EXPECT_EQ(error.sqlstate(), "42804");
    }
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
}

} // namespace
} // namespace wharf::postgres
