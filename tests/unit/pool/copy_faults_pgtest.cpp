// COPY that fails, is given up, or is held back: what is in the table then, and that the connection goes on.
#include "copying.hpp"

#include "wharf/base/database_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using wharf::test::copy_pgtest;
using wharf::test::person;

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
        auto out = conn.copy_out<std::int64_t>("SELECT generate_series(1, 10000000)::int8");
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

TEST_F(copy_pgtest, columns_that_do_not_match_the_members__are_explained) {
    try {
        (void)conn.copy_out<person>("SELECT id, name AS surname, email FROM people").for_each([](person&) {});
        FAIL() << "accepted";
    } catch (const wharf::conversion_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("surname"));
    }
    expect_usable();
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
