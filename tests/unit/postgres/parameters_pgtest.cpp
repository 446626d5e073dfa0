// Values that are not of the type that the statement wants, as the server understands them.
#include "connected.hpp"

#include "wharf/base/database_error.hpp"

namespace wharf::postgres {
namespace {

using parameters_pgtest = connected_pgtest;

TEST_F(parameters_pgtest, numbers_reach_columns_of_other_widths) {
    execute(*connection_, "CREATE TABLE t(a int2, b int4, c int8, d float4, e float8, f numeric)");
    execute(*connection_, "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)", std::int64_t{7}, std::int64_t{-7},
            std::int16_t{9}, 1.5, 3, 0.1);
    EXPECT_EQ(database_.value("SELECT (a, b, c, d, e, f)::text FROM t"), "(7,-7,9,1.5,3,0.1)");
    EXPECT_THROW(execute(*connection_, "INSERT INTO t(a) VALUES ($1)", 70'000), conversion_error);
}

TEST_F(parameters_pgtest, text_is_parsed_by_the_server) {
    execute(*connection_, "CREATE TYPE mood AS ENUM ('sad', 'happy')");
    execute(*connection_, "CREATE DOMAIN posint AS int4 CHECK (VALUE > 0)");
    execute(*connection_, "CREATE TABLE t(a mood, b date, c interval, d inet, e jsonb, f json, g uuid, h posint)");
    execute(*connection_, "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", "happy", "2026-02-03", "1 day",
            "10.0.0.1", "{\"k\": [1]}", "{}", "0a0b0c0d-0000-0000-0000-000000000001", std::int64_t{5});
    EXPECT_EQ(database_.value("SELECT concat_ws(' ', a, b, c, d, e, f, g, h) FROM t"),
              "happy 2026-02-03 1 day 10.0.0.1 {\"k\": [1]} {} 0a0b0c0d-0000-0000-0000-000000000001 5");
    EXPECT_THROW(execute(*connection_, "INSERT INTO t(a) VALUES ($1)", "angry"), data_error);
}

TEST_F(parameters_pgtest, arrays_reach_columns_of_other_elements) {
    execute(*connection_, "CREATE TABLE t(a int4[], b float4[], c numeric[], d varchar[], e date[], f int8[])");
    execute(*connection_, "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)", std::vector<std::int64_t>{1, 2},
            std::vector<double>{1.5}, std::vector<double>{0.1, 2}, std::vector<std::string>{"a,\"b\\", ""},
            std::vector<std::string>{"2026-02-03"}, std::vector<std::int32_t>{});
    EXPECT_EQ(database_.value("SELECT concat_ws(' ', a, b, c, d, e, f) FROM t"),
              R"({1,2} {1.5} {0.1,2} {"a,\"b\\",""} {2026-02-03} {})");
}

TEST_F(parameters_pgtest, wrong_type_names_number_and_types) {
    try {
        (void)query<int>(*connection_, "SELECT $1::int4 + length($2)", 1, 5);
        FAIL() << "accepted";
    } catch (const conversion_error& refused) {
        EXPECT_STREQ(refused.what(), "parameter $2: the statement wants text, and int4 was given");
    }
}

TEST_F(parameters_pgtest, sixty_five_thousand_parameters_are_the_limit) {
    std::string sql = "SELECT count(*) FROM (VALUES ";
    statement_run what("");
    for (int i = 1; i <= 65'535; ++i) {
        sql += (i == 1 ? "($" : ",($") + std::to_string(i) + "::int4)";
        encode_parameter(what.given, i);
    }
    what.sql = sql + ") v";
    run(*connection_, what);
    EXPECT_EQ(rows<std::int64_t>(what.rows).one(), 65'535);

    encode_parameter(what.given, 1);
    EXPECT_THROW(run(*connection_, what), usage_error);
    EXPECT_EQ(query<int>(*connection_, "SELECT 7").one(), 7);
}

} // namespace
} // namespace wharf::postgres
