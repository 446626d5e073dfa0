// Rows copied in and out through a blocking connection: structs, tuples, single values.
#include "copying.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <list>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using testing::ElementsAre;
using wharf::test::copy_pgtest;
using wharf::test::person;

struct name_first {
    std::string_view name{};
    std::int32_t id{};
};

TEST_F(copy_pgtest, structs__go_in_by_member_names_and_come_out_the_same) {
    const auto given = people(1000);
    EXPECT_EQ(conn.copy_in("people", given).rows, 1000U);
    std::vector<person> found;
    for (auto& row : conn.copy_out<person>("people"))
        found.push_back(row);
    EXPECT_EQ(found, given);
    EXPECT_EQ(value("SELECT count(*) FROM people WHERE email IS NULL"), "333");
}

TEST_F(copy_pgtest, hundred_thousand_structs__arrive) {
    EXPECT_EQ(conn.copy_in("people", people(100'000)).rows, 100'000U);
    EXPECT_EQ(value("SELECT sum(id)::text || count(email) FROM people"), "500005000066667");
    std::uint64_t sum = 0;
    const auto count =
        conn.copy_out<std::int64_t, std::string_view>("SELECT id, name FROM people").for_each([&sum](const auto& row) {
            sum += std::get<1>(row).size();
        });
    EXPECT_EQ(count, 100'000U);
    EXPECT_EQ(sum, 988'895U);
}

TEST_F(copy_pgtest, tuples__go_in_by_position) {
    const std::list<std::tuple<std::int64_t, const char*, std::optional<std::string>>> rows{{1, "Ann", "a@b"},
                                                                                            {2, "Bob", std::nullopt}};
    EXPECT_EQ(conn.copy_in("public.people", rows).rows, 2U);
    EXPECT_EQ(conn.copy_in("people", {"name", "id"}, std::vector<std::pair<std::string, int>>{{"Cid", 3}}).rows, 1U);
    EXPECT_EQ(value("SELECT string_agg(id || name || coalesce(email, '-'), ',' ORDER BY id) FROM people"),
              "1Anna@b,2Bob-,3Cid-");
}

TEST_F(copy_pgtest, structs_with_a_column_list__go_in_by_position) {
    database.execute("CREATE TABLE other(number int2, \"a name\" text)");
    const std::vector<name_first> rows{{"x", 7}};
    EXPECT_EQ(conn.copy_in("other", {"a name", "number"}, rows).rows, 1U);
    EXPECT_EQ(value("SELECT \"a name\" || number FROM other"), "x7");
}

TEST_F(copy_pgtest, single_values_and_lazy_ranges__are_rows_of_one_column) {
    database.execute("CREATE TABLE numbers(n int4)");
    const auto squares = std::views::iota(1, 11) | std::views::transform([](int i) { return i * i; });
    EXPECT_EQ(conn.copy_in("numbers", squares).rows, 10U);
    std::vector<int> found;
    for (int n : conn.copy_out<int>("SELECT n FROM numbers WHERE n > 50 ORDER BY n; "))
        found.push_back(n);
    EXPECT_THAT(found, ElementsAre(64, 81, 100));
}

TEST_F(copy_pgtest, no_rows__copy_nothing) {
    EXPECT_EQ(conn.copy_in("people", std::vector<person>{}).rows, 0U);
    for (auto& row : conn.copy_out<person>("people"))
        ADD_FAILURE() << row.id;
    expect_usable();
}

TEST_F(copy_pgtest, names_with_quotes__are_names) {
    database.execute("CREATE TABLE \"odd \"\"name\"(\"col\"\"umn\" int4)");
    EXPECT_EQ(conn.copy_in("odd \"name", {"col\"umn"}, std::vector<int>{1, 2}).rows, 2U);
    EXPECT_EQ(value("SELECT sum(\"col\"\"umn\") FROM \"odd \"\"name\""), "3");
}

TEST_F(copy_pgtest, round_trips__are_two_each_way) {
    expect_usable();
    auto before = trips();
    conn.copy_in("people", people(5000));
    EXPECT_EQ(trips() - before, 2U);
    before = trips();
    EXPECT_EQ(conn.copy_out<person>("people").for_each([](person&) {}), 5000U);
    EXPECT_EQ(trips() - before, 2U);
}

TEST_F(copy_pgtest, begin__travels_with_the_copy_and_rollback_undoes_it) {
    expect_usable();
    const auto before = trips();
    {
        auto tx = conn.begin();
        conn.copy_in("people", people(10));
        EXPECT_EQ(trips() - before, 2U);
        EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM people").one(), 10);
    }
    EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM people").one(), 0);
    auto tx = conn.begin();
    conn.copy_in("people", people(10));
    tx.commit();
    EXPECT_EQ(value("SELECT count(*) FROM people"), "10");
}

TEST_F(copy_pgtest, refused_first_statement_of_a_transaction__leaves_what_follows_in_it) {
    {
        auto tx = conn.begin();
        EXPECT_THROW((void)conn.open_copy_in_text("SELECT 1"), wharf::usage_error);
        conn.execute("INSERT INTO people VALUES (1, 'Ann')");
    }
    {
        auto writer = conn.open_copy_in<person>("people");
        auto tx = conn.begin();
        EXPECT_THROW(conn.execute("INSERT INTO people VALUES (2, 'Bob')"), wharf::usage_error);
        writer.finish();
        conn.execute("INSERT INTO people VALUES (2, 'Bob')");
    }
    EXPECT_EQ(conn.query<std::int64_t>("SELECT count(*) FROM people").one(), 0) << "both have been rolled back";
}

TEST_F(copy_pgtest, reset_of_the_last_borrower__comes_before_the_copy) {
    conn.execute("SET search_path TO pg_catalog");
    conn.release();
    conn = pool.acquire();
    EXPECT_EQ(conn.copy_in("people", people(3)).rows, 3U);
}

TEST_F(copy_pgtest, writer__takes_rows_one_by_one_and_counts) {
    auto in = conn.open_copy_in<person>("people");
    for (const auto& row : people(10'000))
        in.write(row);
    EXPECT_EQ(in.rows(), 10'000U);
    EXPECT_GT(in.bytes(), 200'000U);
    EXPECT_THROW(conn.execute("SELECT 1"), wharf::usage_error) << "a COPY is open";
    EXPECT_EQ(in.finish().rows, 10'000U);
    EXPECT_THROW(in.finish(), wharf::usage_error);
    expect_usable();
}

TEST_F(copy_pgtest, writer_refuses_a_row__goes_on_without_it) {
    database.execute("CREATE TABLE narrow(n int2)");
    auto in = conn.open_copy_in<int>("narrow");
    in.write(1);
    EXPECT_THROW(in.write(100'000), wharf::conversion_error);
    in.write(3);
    EXPECT_EQ(in.finish().rows, 2U);
    EXPECT_EQ(value("SELECT sum(n) FROM narrow"), "4");
}

TEST_F(copy_pgtest, progress__is_counted_while_it_runs) {
    wharf::copy_progress progress;
    std::uint64_t half_way = 0;
    const auto rows = std::views::iota(1, 100'001) | std::views::transform([&](int i) {
                          if (i == 50'000) half_way = progress.rows();
                          return std::pair<std::int64_t, std::string>(i, "name");
                      });
    conn.copy_in("people", {"id", "name"}, rows, {}, &progress);
    EXPECT_GT(half_way, 40'000U);
    EXPECT_LT(half_way, 50'000U);
    EXPECT_EQ(progress.rows(), 100'000U);
    EXPECT_EQ(progress.bytes(), 100'000U * (2 + 4 + 8 + 4 + 4));
    wharf::copy_progress read;
    EXPECT_EQ(conn.copy_out<std::int64_t>("SELECT id FROM people", &read).for_each([](std::int64_t) {}), 100'000U);
    EXPECT_EQ(read.rows(), 100'000U);
}

TEST_F(copy_pgtest, large_rows__pass_both_ways) {
    const std::string megabytes(20 << 20, 'y');
    const std::vector<std::pair<std::int64_t, std::string_view>> rows{{1, megabytes}, {2, "small"}, {3, megabytes}};
    EXPECT_EQ(conn.copy_in("people", {"id", "name"}, rows).rows, 3U);
    std::vector<std::size_t> sizes;
    for (auto& name : conn.copy_out<std::string_view>("SELECT name FROM people ORDER BY id"))
        sizes.push_back(name.size());
    EXPECT_THAT(sizes, ElementsAre(megabytes.size(), 5U, megabytes.size()));
}

TEST_F(copy_pgtest, tuples_into_a_table_with_generated_columns__leave_them_out) {
    database.execute(
        "CREATE TABLE made(gone int4, id int8 GENERATED ALWAYS AS IDENTITY, double int8 GENERATED ALWAYS AS "
        "(id * 2) STORED, name text, tags text[])");
    database.execute("ALTER TABLE made DROP COLUMN gone");
    const std::vector<std::tuple<std::int64_t, std::string, std::vector<std::string>>> rows{{7, "seven", {"a"}}};
    EXPECT_EQ(conn.copy_in("made", rows).rows, 1U); // whose columns are described first, for the array of text
    EXPECT_EQ(value("SELECT row(made) FROM made"), R"x(("(7,14,seven,{a})"))x");
    database.execute("ALTER TABLE made DROP COLUMN tags");
    EXPECT_EQ(conn.copy_in("made", std::vector<std::tuple<std::int64_t, std::string>>{{8, "eight"}}).rows, 1U);
    EXPECT_EQ(value("SELECT sum(double) FROM made"), "30");
    EXPECT_THROW(conn.copy_in("made", std::vector<std::tuple<int, int, std::string>>{{1, 2, "x"}}), wharf::usage_error);
    expect_usable();
    EXPECT_THROW(conn.copy_in("made", {"id", "double"}, std::vector<std::tuple<int, int>>{{1, 2}}),
                 wharf::database_error);
    expect_usable();
    EXPECT_THROW(conn.copy_in("nowhere", std::vector<std::tuple<int, int>>{{1, 2}}), wharf::undefined_table);
    expect_usable();
}

TEST_F(copy_pgtest, names_with_dots_and_quotes__are_given_in_quotes) {
    database.execute(R"(CREATE SCHEMA "a.b")");
    for (const std::string table : {R"("my.table")", R"x(public."it's ""mine"", (too)")x", R"("a.b"."c.d")"}) {
        database.execute("CREATE TABLE " + table + R"x(("id.""x" int8, name text))x");
        const std::vector<std::tuple<std::int64_t, std::string>> rows{{1, "one"}};
        EXPECT_EQ(conn.copy_in(table, rows).rows, 1U);
        EXPECT_EQ(conn.insert_many(table, {R"(id."x)", "name"}, rows).rows, 1U);
        std::uint64_t count = 0;
        for (const auto& row : conn.copy_out<std::int64_t, std::string>(table))
            count += static_cast<std::uint64_t>(std::get<0>(row));
        EXPECT_EQ(count, 2U) << table;
    }
}

TEST_F(copy_pgtest, keys_that_are_always_generated__are_stored_as_they_are_given) {
    database.execute("CREATE TABLE keyed(id int8 GENERATED ALWAYS AS IDENTITY, name text, moods varchar(3)[])");
    const std::vector<std::tuple<std::int64_t, std::string>> rows{{5, "five"}};
    EXPECT_EQ(conn.insert_many("keyed", {"id", "name"}, rows).rows, 1U);
    const std::vector<std::tuple<std::int64_t, std::vector<std::string>>> one_by_one{{6, {"x"}}};
    EXPECT_EQ(conn.insert_many("keyed", {"id", "moods"}, one_by_one).rows, 1U);
    EXPECT_EQ(conn.insert_many("keyed", {"name"}, std::vector<std::string>{"made"}).rows, 1U);
    EXPECT_EQ(value("SELECT string_agg(id::text, ',' ORDER BY id) FROM keyed"), "1,5,6");
}

} // namespace
