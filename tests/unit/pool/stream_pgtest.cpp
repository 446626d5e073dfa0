// Streams of rows on leased connections, on both backends.
#include "support/backends.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr std::string_view counting =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1) SELECT n FROM c";
constexpr std::string_view named = "SELECT n, 'name ' || n AS name FROM t ORDER BY n";

struct numbered {
    std::string name{};
    std::int64_t n{};
};

template <class Backend>
class stream : public testing::Test {
protected:
    stream() {
        auto conn = pool_.acquire();
        conn.execute("CREATE TABLE t(n INTEGER NOT NULL)");
        conn.execute("INSERT INTO t VALUES (1), (2), (3)");
    }
    std::uint64_t trips(wharf::connection& conn) { return conn.core().underlying().counters().round_trips; }

    static constexpr bool is_on_postgres = Backend::is_postgres;
    Backend database_{};
    wharf::pool pool_{database_.url(), {.min_size = 1, .max_size = 1}};
};
TYPED_TEST_SUITE(stream, wharf::test::backends);

TYPED_TEST(stream, tuples_structs_single_values_and_views_are_read_in_a_loop) {
    auto conn = this->pool_.acquire();
    std::vector<std::string> seen;
    for (const auto& [n, name] : conn.template stream<std::int64_t, std::string_view>(named))
        seen.push_back(std::to_string(n) + ' ' + std::string(name));
    for (const auto& row : conn.template stream<numbered>(named))
        seen.push_back(row.name);
    for (auto n : conn.template stream<int>("SELECT n FROM t WHERE n > $1 ORDER BY n", 1))
        seen.push_back(std::to_string(n));
    EXPECT_THAT(seen, ElementsAre("1 name 1", "2 name 2", "3 name 3", "name 1", "name 2", "name 3", "2", "3"));
}

TYPED_TEST(stream, nothing_is_sent_before_the_first_read_and_no_row_ends_the_loop) {
    auto conn = this->pool_.acquire();
    const auto before = this->trips(conn);
    auto rows = conn.template stream<int>("SELECT n FROM t WHERE n > $1", 100, wharf::stream_options{.fetch_size = 5});
    EXPECT_EQ(this->trips(conn), before);
    conn.execute("DELETE FROM t WHERE n = 3");
    EXPECT_EQ(rows.next(), nullptr);
    EXPECT_EQ(rows.next(), nullptr);
    EXPECT_EQ(conn.template query<int>("SELECT count(*) FROM t").one(), 2);
}

TYPED_TEST(stream, bytes_are_read_as_a_view) {
    auto conn = this->pool_.acquire();
    std::size_t size = 0;
    for (const auto bytes : conn.template stream<std::span<const std::byte>>(
             TestFixture::is_on_postgres ? "SELECT 'abc'::bytea" : "SELECT x'616263'"))
        size += bytes.size();
    EXPECT_EQ(size, 3U);
}

TYPED_TEST(stream, batches_have_all_rows_and_can_be_walked_twice) {
    auto conn = this->pool_.acquire();
    std::int64_t sum = 0;
    std::size_t rows_seen = 0;
    auto rows = conn.template stream<std::int64_t>(counting, 20'000);
    for (auto batch = rows.next_batch(); !batch.empty(); batch = rows.next_batch()) {
        rows_seen += batch.size();
        for (int round = 0; round < 2; ++round)
            for (const auto n : batch)
                sum += n;
    }
    EXPECT_EQ(rows_seen, 20'000U);
    EXPECT_EQ(sum, 20'000LL * 20'001);
}

TYPED_TEST(stream, connection_is_busy_while_it_is_open_and_free_once_it_has_ended) {
    auto conn = this->pool_.acquire();
    auto rows = conn.template stream<int>(counting, 10'000);
    ASSERT_NE(rows.next(), nullptr);
    EXPECT_THROW(conn.execute("DELETE FROM t"), wharf::concurrent_use);
    EXPECT_THROW((void)conn.template stream<int>(counting, 1).next(), wharf::concurrent_use);
    int last = 0;
    while (const auto* n = rows.next())
        last = *n;
    EXPECT_EQ(last, 10'000);
    EXPECT_EQ(conn.execute("DELETE FROM t").rows, 3U);
}

TYPED_TEST(stream, loop_that_is_left_keeps_the_transaction) {
    for (const std::uint32_t fetch_size : {0U, 10U}) {
        auto conn = this->pool_.acquire();
        auto tx = conn.begin();
        conn.execute("INSERT INTO t VALUES ($1)", fetch_size);
        for (const auto n : conn.template stream<int>(counting, 5000, wharf::stream_options{.fetch_size = fetch_size}))
            if (n == 3) break;
        conn.execute("INSERT INTO t VALUES ($1)", fetch_size);
        tx.commit();
    }
    EXPECT_EQ(this->pool_.acquire().template query<int>("SELECT count(*) FROM t").one(), 7);
    EXPECT_EQ(this->pool_.stats().opened, 1U);
}

TYPED_TEST(stream, left_and_given_back__pool_takes_the_rest_and_the_next_borrower_sees_none_of_it) {
    for (const std::uint32_t fetch_size : {0U, 10U}) {
        {
            auto conn = this->pool_.acquire();
            auto rows = conn.template stream<int>(counting, 20'000, wharf::stream_options{.fetch_size = fetch_size});
            ASSERT_NE(rows.next(), nullptr);
        }
        EXPECT_EQ(this->pool_.acquire().template query<int>("SELECT 7").one(), 7);
    }
    EXPECT_EQ(this->pool_.stats().opened, 1U);
}

TYPED_TEST(stream, given_back_while_it_is_open__is_refused_and_the_pool_goes_on) {
    auto conn = this->pool_.acquire();
    auto rows = conn.template stream<int>(counting, 200'000);
    ASSERT_NE(rows.next(), nullptr);
    conn.release();
    EXPECT_THROW(while (rows.next() != nullptr){}, wharf::usage_error);
    EXPECT_EQ(this->pool_.acquire({10s}).template query<int>("SELECT 7").one(), 7);
}

TYPED_TEST(stream, value_that_does_not_fit_is_an_error_that_names_the_column_and_the_connection_goes_on) {
    auto conn = this->pool_.acquire();
    try {
        for (const auto n : conn.template stream<std::int16_t>("SELECT n * 30000 AS big FROM t"))
            EXPECT_EQ(n, 30'000);
        ADD_FAILURE() << "60000 was read as int16";
    } catch (const wharf::conversion_error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("\"big\""));
    }
    EXPECT_THROW((void)(conn.template stream<int, int>("SELECT n FROM t").next()), wharf::conversion_error);
    EXPECT_EQ(conn.template query<int>("SELECT 7").one(), 7);
}

TYPED_TEST(stream, error_of_the_statement_is_thrown_by_the_read) {
    auto conn = this->pool_.acquire();
    auto rows = conn.template stream<int>("SELECT nothing FROM nowhere");
    EXPECT_THROW((void)rows.next(), wharf::database_error);
    EXPECT_EQ(conn.template query<int>("SELECT 7").one(), 7);
}

TYPED_TEST(stream, rows_that_a_statement_returns_while_it_writes_are_streamed_and_stay_written) {
    auto conn = this->pool_.acquire();
    std::vector<int> seen;
    for (const auto n : conn.template stream<int>("UPDATE t SET n = n + 10 WHERE n < 3 RETURNING n"))
        seen.push_back(n);
    EXPECT_THAT(seen, testing::UnorderedElementsAre(11, 12));
    EXPECT_EQ(conn.template query<int>("SELECT sum(n) FROM t").one(), 26);
}

TYPED_TEST(stream, for_each_calls_back_with_rows_or_their_parts) {
    auto conn = this->pool_.acquire();
    std::vector<std::string> seen;
    conn.template for_each<std::int64_t, std::string_view>(
        named, [&](std::int64_t n, std::string_view name) { seen.push_back(std::to_string(n) + std::string(name)); });
    conn.template for_each<numbered>(named, [&](const numbered& row) { seen.push_back(row.name); });
    conn.template for_each<int>("SELECT n FROM t WHERE n = $1", [&](int n) { seen.push_back(std::to_string(n)); }, 2);
    EXPECT_THAT(seen, ElementsAre("1name 1", "2name 2", "3name 3", "name 1", "name 2", "name 3", "2"));
}

TYPED_TEST(stream, exception_of_a_callback_is_thrown_and_leaves_the_connection_clean) {
    for (const std::uint32_t fetch_size : {0U, 10U}) {
        auto conn = this->pool_.acquire();
        int calls = 0;
        const auto fail_at_third = [&calls](int) {
            if (++calls == 3) throw std::runtime_error("enough");
        };
        EXPECT_THROW(
            conn.template for_each<int>(counting, fail_at_third, 5000, wharf::stream_options{.fetch_size = fetch_size}),
            std::runtime_error);
        EXPECT_EQ(calls, 3);
        EXPECT_EQ(conn.template query<int>("SELECT 7").one(), 7);
    }
    EXPECT_EQ(this->pool_.stats().opened, 1U);
}

TYPED_TEST(stream, deadline_ends_a_read_and_the_connection) {
    auto conn = this->pool_.acquire();
    auto rows = conn.template stream<int>(counting, 2'000'000'000, wharf::call_options(100ms));
    EXPECT_THROW(while (rows.next() != nullptr){}, wharf::timed_out);
    conn.release();
    EXPECT_EQ(this->pool_.acquire({10s}).template query<int>("SELECT 7").one(), 7);
}

} // namespace
