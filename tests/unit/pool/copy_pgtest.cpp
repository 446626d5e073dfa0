// COPY through a blocking connection: in and out, rows and text.
#include "support/postgres_server.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

struct person {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> email{};

    bool operator==(const person&) const = default;
};

struct name_first {
    std::string_view name{};
    std::int32_t id{};
};

class copy_pgtest : public testing::Test {
protected:
    copy_pgtest() {
        database.execute("CREATE TABLE people(id int8 PRIMARY KEY, name text NOT NULL, email varchar(40))");
    }
    [[nodiscard]] static std::vector<person> people(std::int64_t count) {
        std::vector<person> out;
        for (std::int64_t id = 1; id <= count; ++id)
            out.push_back({id, "name " + std::to_string(id),
                           id % 3 == 0 ? std::optional<std::string>(std::nullopt) : "e" + std::to_string(id)});
        return out;
    }
    [[nodiscard]] std::string value(std::string_view sql) const { return database.value(sql); }
    void expect_usable() { EXPECT_EQ(conn.query<int>("SELECT 1").one(), 1); }
    [[nodiscard]] std::uint64_t trips() { return conn.core().underlying().counters().round_trips; }

    wharf::test::database database;
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    wharf::connection conn = pool.acquire();
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

TEST_F(copy_pgtest, value_that_cannot_become_the_column__is_refused_by_name) {
    try {
        conn.copy_in("people", {"id", "name"}, std::vector<std::tuple<std::string, std::string>>{{"1", "Ann"}});
        FAIL() << "accepted";
    } catch (const wharf::conversion_error& error) {
        EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("\"id\""), HasSubstr("text"), HasSubstr("int8")));
    }
    expect_usable();
}

TEST_F(copy_pgtest, other_number_of_values_than_columns__is_refused) {
    const std::vector<std::tuple<int, std::string>> rows{{1, "Ann"}};
    EXPECT_THROW(conn.copy_in("people", rows), wharf::usage_error);
    EXPECT_THROW(conn.copy_in("people", {"id"}, rows), wharf::usage_error);
    EXPECT_EQ(conn.copy_in("people", {"id", "name"}, rows).rows, 1U);
}

TEST_F(copy_pgtest, table_or_column_that_does_not_exist__is_the_servers_error_and_the_connection_goes_on) {
    EXPECT_THROW(conn.copy_in("nowhere", people(1)), wharf::database_error);
    EXPECT_THROW(conn.copy_in("people", {"nothing", "name", "email"}, people(1)), wharf::database_error);
    EXPECT_THROW((void)conn.copy_out<person>("nowhere").for_each([](person&) {}), wharf::database_error);
    EXPECT_THROW((void)conn.copy_out<person>("SELECT nonsense").for_each([](person&) {}), wharf::database_error);
    EXPECT_THROW(conn.copy_in(std::string("with\0nul", 8), people(1)), wharf::usage_error);
    expect_usable();
    EXPECT_EQ(conn.copy_in("people", people(3)).rows, 3U);
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

TEST_F(copy_pgtest, reset_of_the_last_borrower__comes_before_the_copy) {
    conn.execute("SET search_path TO pg_catalog");
    conn.release();
    conn = pool.acquire();
    EXPECT_EQ(conn.copy_in("people", people(3)).rows, 3U);
}

TEST_F(copy_pgtest, error_of_the_server_at_row_k__is_typed_and_no_row_is_in) {
    for (const std::size_t k : {0UL, 1UL, 5'000UL, 50'000UL, 99'999UL}) {
        auto rows = people(100'000);
        rows[k].id = 1 + (k == 0 ? 1 : 0);
        try {
            conn.copy_in("people", rows);
            FAIL() << "accepted";
        } catch (const wharf::unique_violation& error) {
            EXPECT_EQ(error.constraint(), "people_pkey");
        }
        expect_usable();
        EXPECT_EQ(value("SELECT count(*) FROM people"), "0");
        rows.resize(0);
        if (k == 0) conn.execute("DELETE FROM people");
    }
}

TEST_F(copy_pgtest, error_of_the_server__stops_sending) {
    auto in = conn.open_copy_in<person>("people");
    const auto rows = people(1'000'000 / 10);
    std::size_t written = 0;
    const auto write_all = [&] {
        for (int round = 0; round < 100; ++round)
            for (const auto& row : rows) {
                in.write(row);
                ++written;
            }
    };
    EXPECT_THROW(write_all(), wharf::unique_violation);
    EXPECT_LT(written, 1'000'000U) << "the second round cannot be taken, and was sent on and on";
    EXPECT_THROW(write_all(), wharf::usage_error) << "the COPY has ended";
    expect_usable();
}

TEST_F(copy_pgtest, source_throws__its_exception_comes_through_and_nothing_is_copied) {
    const auto failing = std::views::iota(1, 50'000) | std::views::transform([](int i) {
                             if (i == 40'000) throw std::out_of_range("no more");
                             return std::pair<std::int64_t, std::string>(i, "name");
                         });
    EXPECT_THROW(conn.copy_in("people", {"id", "name"}, failing), std::out_of_range);
    expect_usable();
    EXPECT_EQ(value("SELECT count(*) FROM people"), "0");
}

TEST_F(copy_pgtest, source_throws_in_a_transaction__it_has_failed_and_can_be_rolled_back) {
    auto tx = conn.begin();
    conn.execute("INSERT INTO people VALUES (1, 'Ann', NULL)");
    {
        auto inner = tx.savepoint();
        const auto failing = std::views::iota(1, 3) | std::views::transform([](int i) -> std::pair<int, std::string> {
                                 if (i == 2) throw std::out_of_range("no more");
                                 return {i + 1, "name"};
                             });
        EXPECT_THROW(conn.copy_in("people", {"id", "name"}, failing), std::out_of_range);
        inner.rollback();
    }
    tx.commit();
    EXPECT_EQ(value("SELECT count(*) FROM people"), "1");
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

TEST_F(copy_pgtest, writer_fails_with_a_reason__copies_nothing) {
    auto in = conn.open_copy_in<person>("people");
    in.write({1, "Ann", {}});
    in.fail("changed my mind");
    EXPECT_THROW(in.finish(), wharf::usage_error);
    expect_usable();
    EXPECT_EQ(value("SELECT count(*) FROM people"), "0");
}

TEST_F(copy_pgtest, writer_is_dropped__the_next_statement_ends_its_copy) {
    for (int written : {0, 1, 100'000}) {
        auto in = conn.open_copy_in<person>("people");
        for (const auto& row : people(written))
            in.write(row);
    }
    expect_usable();
    EXPECT_EQ(value("SELECT count(*) FROM people"), "0");
    {
        auto tx = conn.begin();
        auto in = conn.open_copy_in<person>("people");
    }
    expect_usable();
    EXPECT_EQ(conn.copy_in("people", people(2)).rows, 2U);
}

TEST_F(copy_pgtest, writer_outlives_its_lease__the_pool_ends_its_copy) {
    const auto backend = conn.query<int>("SELECT pg_backend_pid()").one();
    auto in = conn.open_copy_in<person>("people");
    conn.release();
    in.write({1, "Ann", {}});
    EXPECT_THROW(in.finish(), wharf::usage_error);
    conn = pool.acquire({10s});
    EXPECT_EQ(conn.query<int>("SELECT pg_backend_pid()").one(), backend);
    EXPECT_EQ(value("SELECT count(*) FROM people"), "0");
}

TEST_F(copy_pgtest, reader_is_dropped_early__short_rest_is_read_and_the_connection_goes_on) {
    conn.copy_in("people", people(1000));
    for (auto& row : conn.copy_out<person>("people"))
        if (row.id == 3) break;
    expect_usable();
}

TEST_F(copy_pgtest, reader_is_dropped_with_much_left__the_connection_is_given_up_and_replaced) {
    {
        auto out = conn.copy_out<std::int64_t>("SELECT i FROM generate_series(1, 10000000) i");
        EXPECT_TRUE(out.next_batch());
    }
    EXPECT_THROW(conn.execute("SELECT 1"), wharf::connection_lost);
    conn.release();
    conn = pool.acquire({10s});
    expect_usable();
}

TEST_F(copy_pgtest, other_statement_while_a_reader_is_open__is_refused) {
    conn.copy_in("people", people(1000));
    auto out = conn.copy_out<person>("people");
    EXPECT_TRUE(out.next_batch());
    EXPECT_THROW(conn.execute("SELECT 1"), wharf::usage_error);
    while (out.next_batch()) {
    }
    EXPECT_FALSE(out.next_batch());
    EXPECT_EQ(out.rows(), 1000U);
    expect_usable();
}

TEST_F(copy_pgtest, query_fails_half_way__rows_before_it_come_and_then_the_error) {
    std::int64_t rows = 0;
    EXPECT_THROW((void)conn.copy_out<int>("SELECT 1 / (20000 - i) FROM generate_series(1, 30000) i").for_each([&](int) {
        ++rows;
    }),
                 wharf::database_error);
    EXPECT_LE(rows, 19'999);
    expect_usable();
}

TEST_F(copy_pgtest, sink_throws__its_exception_comes_through_and_the_connection_goes_on) {
    conn.copy_in("people", people(1000));
    EXPECT_THROW((void)conn.copy_out<person>("people").for_each([](person&) { throw std::out_of_range("enough"); }),
                 std::out_of_range);
    expect_usable();
    EXPECT_THROW(
        conn.copy_out_text("COPY people TO STDOUT", [](std::string_view) { throw std::out_of_range("enough"); }),
        std::out_of_range);
    expect_usable();
}

TEST_F(copy_pgtest, columns_that_are_not_read_in_binary__come_as_text) {
    std::vector<std::tuple<int, std::string, std::string>> found;
    for (auto& row : conn.copy_out<int, std::string, std::string>(
             "SELECT 1, '(1,2)'::point, 'a b'::tsvector -- a comment at the end"))
        found.push_back(row);
    EXPECT_THAT(found, ElementsAre(std::tuple(1, "(1,2)", "'a' 'b'")));
}

TEST_F(copy_pgtest, columns_that_do_not_match_the_members__are_explained) {
    try {
        (void)conn.copy_out<person>("SELECT id, name AS surname, email FROM people").for_each([](person&) {});
        FAIL() << "accepted";
    } catch (const wharf::conversion_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("surname"));
    }
    expect_usable();
}

TEST_F(copy_pgtest, csv__passes_through_both_ways) {
    const std::string csv = "1,Ann,a@b\n2,\"Bob, the\",\n";
    EXPECT_EQ(conn.copy_in_text("COPY people FROM STDIN (FORMAT csv)", csv).rows, 2U);
    std::string out;
    EXPECT_EQ(conn.copy_out_text("COPY (SELECT * FROM people ORDER BY id) TO STDOUT (FORMAT csv)",
                                 [&out](std::string_view piece) { out.append(piece); })
                  .rows,
              2U);
    EXPECT_EQ(out, csv);
}

TEST_F(copy_pgtest, text_source__may_be_a_range_or_a_function_with_pieces_anywhere) {
    const std::vector<std::string> pieces{"1\tA", "", "nn\t\\N", "\n2\tBob\t\\N\n"};
    EXPECT_EQ(conn.copy_in_text("COPY people FROM STDIN", pieces).rows, 2U);
    int lines = 0;
    const auto next = [&lines] { return ++lines > 50'000 ? std::string() : std::to_string(lines + 2) + "\tx\t\\N\n"; };
    EXPECT_EQ(conn.copy_in_text("COPY people FROM STDIN", next).rows, 50'000U);
    auto in = conn.open_copy_in_text("COPY people FROM STDIN (FORMAT csv)");
    in.write("100001,An");
    in.write("n,\n");
    EXPECT_EQ(in.bytes(), 12U);
    EXPECT_EQ(in.finish().rows, 1U);
    EXPECT_EQ(value("SELECT count(*) FROM people"), "50003");
}

TEST_F(copy_pgtest, text_that_is_wrong__is_the_servers_error_with_the_line) {
    try {
        conn.copy_in_text("COPY people FROM STDIN (FORMAT csv)", "1,Ann,\n2,Bob,x,y\n");
        FAIL() << "accepted";
    } catch (const wharf::database_error& error) {
        EXPECT_EQ(error.sqlstate(), "22P04");
        EXPECT_THAT(error.fields().where, HasSubstr("line 2"));
    }
    expect_usable();
}

TEST_F(copy_pgtest, copy_of_the_wrong_direction_or_none_at_all__is_refused_and_has_no_effect) {
    conn.copy_in("people", people(10));
    const auto ignore = [](std::string_view) { FAIL(); };
    EXPECT_THROW(conn.copy_in_text("COPY people TO STDOUT", "1"), wharf::usage_error);
    expect_usable();
    EXPECT_THROW(conn.copy_out_text("COPY people FROM STDIN", ignore), wharf::usage_error);
    expect_usable();
    EXPECT_THROW(conn.copy_in_text("DELETE FROM people", "1"), wharf::usage_error);
    EXPECT_THROW(conn.copy_out_text("SELECT 1", ignore), wharf::usage_error);
    EXPECT_THROW(conn.copy_in_text("COPY people FROM PROGRAM 'echo 100,x,y' (FORMAT csv)", "1"), wharf::usage_error);
    expect_usable();
    EXPECT_EQ(value("SELECT count(*) FROM people"), "10");
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

TEST_F(copy_pgtest, both_sides_with_much_to_say__do_not_wait_for_each_other) {
    // Each of 16 MiB of rows is answered by a notice of its own size.
    database.execute("CREATE FUNCTION echo() RETURNS trigger LANGUAGE plpgsql AS "
                     "$$ BEGIN RAISE WARNING '%', new.name; RETURN new; END $$");
    database.execute("CREATE TRIGGER echo BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION echo()");
    const std::string name(64 << 10, 'x');
    const auto rows = std::views::iota(1, 257) |
                      std::views::transform([&](int i) { return std::pair<std::int64_t, std::string_view>(i, name); });
    EXPECT_EQ(conn.copy_in("people", {"id", "name"}, rows, {60s}).rows, 256U);
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

TEST_F(copy_pgtest, deadline_passes__the_connection_is_given_up_and_nothing_is_copied) {
    wharf::pool other{database.url(), {.max_size = 1}};
    auto blocker = other.acquire();
    auto tx = blocker.begin();
    blocker.execute("LOCK TABLE people IN ACCESS EXCLUSIVE MODE");
    EXPECT_THROW(conn.copy_in("people", people(1), {100ms}), wharf::timed_out);
    EXPECT_FALSE(conn.core().usable());
    tx.rollback();
    conn.release();
    conn = pool.acquire({10s});
    expect_usable();
    EXPECT_EQ(value("SELECT count(*) FROM people"), "0");
}

TEST(copy_sqlite, is_refused_and_says_what_to_use_instead) {
    wharf::pool pool{"sqlite://"};
    auto conn = pool.acquire();
    try {
        conn.copy_in("people", std::vector<person>{});
        FAIL() << "accepted";
    } catch (const wharf::usage_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("insert_many"));
    }
    EXPECT_EQ(conn.query<int>("SELECT 1").one(), 1);
}

} // namespace
