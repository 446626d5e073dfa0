// COPY of rows with types that users and extensions have made: enums, composites, domains, arrays of them, hstore.
#include "support/postgres_server.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace copied {

enum class mood { sad, ok, happy };

struct address {
    std::string street{};
    std::optional<std::string> city{};
    std::int32_t number{};
    bool operator==(const address&) const = default;
};

struct person {
    std::int64_t id{};
    mood feels{};
    std::vector<std::optional<mood>> felt{};
    std::optional<address> home{};
    std::vector<address> others{};
    bool operator==(const person&) const = default;
};

} // namespace copied

template <>
struct wharf::codec<copied::mood> : wharf::enum_codec<copied::mood, "sad", "ok", "happy"> {};
template <>
struct wharf::codec<copied::address> : wharf::composite_codec<copied::address> {};

namespace {

using copied::address;
using copied::mood;
using copied::person;
using testing::HasSubstr;

class copy_user_types_pgtest : public testing::TestWithParam<const char*> {
protected:
    copy_user_types_pgtest() {
        database.execute("CREATE SCHEMA app;"
                         "CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');"
                         "CREATE DOMAIN app.house_number AS int4 CHECK (VALUE > 0);"
                         "CREATE TYPE app.address AS (street text, city text, number app.house_number);"
                         "CREATE TABLE people(id int8, feels app.mood, felt app.mood[], home app.address, "
                         "others app.address[])");
    }
    [[nodiscard]] std::string value(std::string_view sql) const { return database.value(sql); }
    [[nodiscard]] std::uint64_t trips() { return conn.core().underlying().counters().round_trips; }
    template <class Rows>
    std::string refusal(std::string_view table, const Rows& rows) {
        try {
            conn.copy_in(table, rows);
        } catch (const wharf::error& refused) {
            return refused.what();
        }
        return {};
    }
    [[nodiscard]] std::vector<person> copied_out() {
        std::vector<person> found;
        for (auto& row : conn.copy_out<person>("people"))
            found.push_back(row);
        return found;
    }

    wharf::test::database database;
    wharf::pool pool{database.url() + GetParam(), {.min_size = 1, .max_size = 1}};
    wharf::connection conn = pool.acquire();
    const std::vector<person> people{{1,
                                      mood::happy,
                                      {mood::sad, std::nullopt},
                                      address{"Main \"St\"", std::nullopt, 5},
                                      {{"a", "b", 1}, {"", "", 2}}},
                                     {2, mood::sad, {}, std::nullopt, {}}};
};

TEST_P(copy_user_types_pgtest, enums_composites_and_their_arrays__go_in_and_come_out_the_same) {
    EXPECT_EQ(conn.copy_in("people", people).rows, 2U);
    EXPECT_EQ(copied_out(), people);
    EXPECT_EQ(value("SELECT people::text FROM people WHERE id = 1"),
              R"x((1,happy,"{sad,NULL}","(""Main """"St"""""",,5)","{""(a,b,1)"",""(\\""\\"",\\""\\"",2)""}"))x");
    EXPECT_EQ(value("SELECT (home IS NULL)::text || others::text FROM people WHERE id = 2"), "true{}");
    EXPECT_EQ(conn.copy_out<mood>("SELECT feels FROM people WHERE id = 1").for_each([](mood seen) {
        EXPECT_EQ(seen, mood::happy);
    }),
              1U);
}

TEST_P(copy_user_types_pgtest, columns_are_described_in_one_more_round_trip_and_types_are_asked_for_once) {
    conn.execute("SELECT 1");
    auto before = trips();
    conn.copy_in("people", people);
    EXPECT_EQ(trips() - before, 4U) << "describe, types, begin, end";
    before = trips();
    conn.copy_in("people", people);
    EXPECT_EQ(trips() - before, 3U);
    before = trips();
    EXPECT_EQ(copied_out().size(), 4U);
    EXPECT_EQ(trips() - before, 2U);
}

TEST_P(copy_user_types_pgtest, rows_in_a_transaction__share_its_fate) {
    {
        auto tx = conn.begin();
        conn.copy_in("people", people);
        EXPECT_EQ(copied_out(), people);
    }
    EXPECT_EQ(value("SELECT count(*) FROM people"), "0");
    auto tx = conn.begin();
    conn.execute("CREATE TYPE app.fresh AS (a text, b text, n int2)");
    conn.execute("CREATE TABLE fresh(f app.fresh)");
    conn.copy_in("fresh", std::vector<address>{{"x", "y", 3}});
    tx.commit();
    EXPECT_EQ(value("SELECT f::text FROM fresh"), "(x,y,3)");
}

TEST_P(copy_user_types_pgtest, composite_that_does_not_fit__is_refused_by_column_and_member) {
    database.execute("CREATE TABLE places(place app.address);"
                     "CREATE TYPE app.narrow AS (street text, city text, number int2);"
                     "CREATE TABLE narrow(place app.narrow);"
                     "CREATE TYPE app.pair AS (a text, b text); CREATE TABLE pairs(pair app.pair)");
    const std::vector<address> rows{{"s", "c", 70'000}};
    EXPECT_EQ(refusal("narrow", rows),
              "column \"place\": member \"number\" of app.narrow: this value of type int4 does not fit int2");
    EXPECT_EQ(refusal("pairs", rows), "column \"pair\": app.pair has 2 members, and a struct with 3 was given");
    EXPECT_EQ(refusal("people", std::vector<std::tuple<int, int, std::vector<std::string>, address, address>>(1)),
              "column \"feels\" is app.mood, and a value of type int4 cannot be copied into it in binary");
    EXPECT_EQ(refusal("places", std::vector<address>{{"s", "c", -1}}).find("column"), std::string::npos)
        << "the server's: its domain forbids the value";
    EXPECT_EQ(conn.copy_in("places", rows).rows, 1U);
    EXPECT_EQ(value("SELECT count(*) FROM narrow"), "0");
}

TEST_P(copy_user_types_pgtest, type_with_another_member__is_looked_up_again) {
    database.execute("CREATE TABLE places(place app.address)");
    const std::vector<address> rows{{"s", "c", 1}};
    EXPECT_EQ(conn.copy_in("places", rows).rows, 1U);
    conn.execute("ALTER TYPE app.address ADD ATTRIBUTE country text CASCADE");
    EXPECT_EQ(refusal("places", rows), "column \"place\": app.address has 4 members, and a struct with 3 was given");
    database.execute("ALTER TYPE app.address DROP ATTRIBUTE country CASCADE"); // by somebody else
    EXPECT_EQ(refusal("places", rows), "");
    EXPECT_EQ(value("SELECT DISTINCT place::text FROM places"), "(s,c,1)");
}

TEST_P(copy_user_types_pgtest, domains_arrays_of_domains_and_extensions__go_in_and_come_out_the_same) {
    database.execute("CREATE EXTENSION hstore; CREATE EXTENSION citext;"
                     "CREATE DOMAIN app.word AS text; CREATE DOMAIN app.place AS app.address;"
                     "CREATE TABLE t(n app.house_number, words app.word[], place app.place, h hstore, c citext)");
    using row = std::tuple<int, std::vector<std::string>, address, wharf::hstore, std::string>;
    const std::vector<row> rows{{7, {"a", "b c"}, {"s", "c", 1}, {{"k", "v"}, {"n", std::nullopt}}, "Text"}};
    EXPECT_EQ(conn.copy_in("t", rows).rows, 1U);
    EXPECT_EQ(value("SELECT t::text FROM t"), R"x((7,"{a,""b c""}","(s,c,1)","""k""=>""v"", ""n""=>NULL",Text))x");
    std::vector<row> found;
    for (auto& each : conn.copy_out<int, std::vector<std::string>, address, wharf::hstore, std::string>("t"))
        found.push_back(each);
    EXPECT_EQ(found, rows);
}

INSTANTIATE_TEST_SUITE_P(of, copy_user_types_pgtest, testing::Values("", "&statement_cache_size=0"),
                         [](const auto& each) { return std::string(*each.param == '\0' ? "named" : "unnamed"); });

} // namespace
