// COPY of values of every type, and of values that are not of the type of their column.
#include "copying.hpp"

#include "wharf/base/database_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using wharf::test::copy_pgtest;

TEST_F(copy_pgtest, numbers__are_adapted_to_the_columns_or_refused_by_name) {
    database.execute("CREATE TABLE narrow(small int2, big int8, real float4, long float8, words varchar(10), j jsonb)");
    using row = std::tuple<std::int64_t, std::int16_t, double, float, std::string, std::string>;
    EXPECT_EQ(conn.copy_in("narrow", std::vector<row>{{7, 8, 0.5, 0.25F, "text", R"({"a": 1})"}}).rows, 1U);
    EXPECT_EQ(value("SELECT concat_ws('|', small, big, real, long, words, j->>'a') FROM narrow"),
              "7|8|0.5|0.25|text|1");
    try {
        conn.copy_in("narrow", std::vector<row>{{7, 8, 0.5, 0.25F, "", "1"}, {4'000'123, 8, 0, 0, "", "1"}});
        FAIL() << "accepted";
    } catch (const wharf::conversion_error& error) {
        EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("\"small\""), HasSubstr("int8"), HasSubstr("int2")));
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("4000123")));
    }
    EXPECT_EQ(value("SELECT count(*) FROM narrow"), "1");
    expect_usable();
}

TEST_F(copy_pgtest, text_and_numbers__are_parsed_for_columns_that_want_another_type) {
    database.execute("CREATE TABLE odd(cost numeric, u uuid, d date, t timestamptz)");
    using row = std::tuple<std::string, std::string, std::string, std::string>;
    const std::string id = "6f1b1d4e-7e38-4d0b-9a39-1c5a6c1b7a10";
    EXPECT_EQ(conn.copy_in("odd", std::vector<row>{{"1.50", id, "2024-02-29", "2024-02-29 12:00:00+00"}}).rows, 1U);
    EXPECT_EQ(conn.copy_in("odd", {"cost"}, std::vector<double>{0.1, 1e20}).rows, 2U);
    EXPECT_EQ(conn.copy_in("odd", {"cost"}, std::vector<std::int64_t>{-7}).rows, 1U);
    EXPECT_EQ(value("SELECT string_agg(concat_ws('|', cost, u, d, t = '2024-02-29 12:00+00'), ' ') FROM odd"),
              "1.50|" + id + "|2024-02-29|t 0.1 100000000000000000000 -7");
    try {
        conn.copy_in("odd", {"cost"}, std::vector<std::string>{"1.50", "4 euros"});
        FAIL() << "accepted";
    } catch (const wharf::conversion_error& error) {
        EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("\"cost\""), HasSubstr("numeric")));
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("euros")));
    }
}

// The server's own values of all types that wharf reads in binary: out, in again, and compared by the server.
TEST_F(copy_pgtest, every_type_that_is_read_in_binary__goes_in_and_comes_out_the_same) {
    database.execute(
        "CREATE TABLE everything AS SELECT true AS a, 7::int2 AS b, 'x'::varchar AS c, '\\xdeadbeef'::bytea AS d, "
        "'6f1b1d4e-7e38-4d0b-9a39-1c5a6c1b7a10'::uuid AS e, 'infinity'::date AS f, '1999-01-02 03:04:05.6'::timestamp "
        "AS g, "
        "now() AS h, '{\"a\": [1, null]}'::jsonb AS i, 123.4500::numeric AS j, ARRAY[1, NULL, 3] AS k, "
        "ARRAY['a', 'b']::text[] AS l, 'NaN'::float8 AS m, NULL::int4 AS n");
    database.execute("CREATE TABLE again (LIKE everything)");
    using row =
        std::tuple<bool, std::int16_t, std::string, std::vector<std::byte>, wharf::uuid, wharf::unbounded<wharf::date>,
                   wharf::timestamp, wharf::timestamptz, wharf::json, wharf::decimal, std::vector<std::optional<int>>,
                   std::vector<std::string>, double, std::optional<int>>;
    std::vector<row> rows;
    auto out =
        conn.copy_out<bool, std::int16_t, std::string, std::vector<std::byte>, wharf::uuid,
                      wharf::unbounded<wharf::date>, wharf::timestamp, wharf::timestamptz, wharf::json, wharf::decimal,
                      std::vector<std::optional<int>>, std::vector<std::string>, double, std::optional<int>>(
            "everything");
    for (auto& found : out)
        rows.push_back(found);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(conn.copy_in("again", rows).rows, 1U);
    EXPECT_EQ(value("SELECT (SELECT everything::text FROM everything) = (SELECT again::text FROM again)"), "t");
}

TEST_F(copy_pgtest, enums__take_text) {
    database.execute("CREATE TYPE mood AS ENUM ('happy', 'sad'); CREATE TABLE moods(m mood)");
    EXPECT_EQ(conn.copy_in("moods", std::vector<std::string>{"sad", "happy"}).rows, 2U);
    EXPECT_THROW(conn.copy_in("moods", std::vector<std::string>{"angry"}), wharf::database_error);
    std::vector<std::string> found;
    for (auto& mood : conn.copy_out<std::string>("moods"))
        found.push_back(mood);
    EXPECT_THAT(found, ElementsAre("sad", "happy"));
}

TEST_F(copy_pgtest, columns_that_are_not_read_in_binary__come_as_text) {
    std::vector<std::tuple<int, std::string, std::string>> found;
    for (auto& row : conn.copy_out<int, std::string, std::string>(
             "SELECT 1, '(1,2)'::point, 'a b'::tsvector -- a comment at the end"))
        found.push_back(row);
    EXPECT_THAT(found, ElementsAre(std::tuple(1, "(1,2)", "'a' 'b'")));
}

} // namespace
