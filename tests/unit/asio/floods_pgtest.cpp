// Coroutines whose ops nearly always find their socket ready: a handler that was posted runs nevertheless.
#include "support/postgres_server.hpp"
#include "unit/asio/bystander.hpp"
#include "wharf/asio/pool.hpp"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <ranges>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using wharf::test::most_at_once;

constexpr int most_rows = 1000;

/// A number whose reading from a cell is counted.
struct counted {
    std::int64_t value{};
    static inline int* reads{nullptr};
};

} // namespace

template <>
struct wharf::codec<counted> {
    static constexpr type_oid type = type_oid::int8;
    static void decode(const cell_view& cell, counted& out) {
        codec<std::int64_t>::decode(cell, out.value);
        ++*counted::reads;
    }
};

namespace {

class floods : public testing::Test, protected wharf::statement_observer {
protected:
    floods() { database.execute("CREATE TABLE numbers(n int8, filler text)"); }

    /// The most steps of the flood between two runs of a handler that was posted.
    template <class Flood>
    int longest_turn(Flood flood) {
        wharf::test::bystander others(context, done);
        asio::co_spawn(context, with_connection(std::move(flood)), [&](std::exception_ptr error) {
            EXPECT_FALSE(error);
            others.stop();
        });
        context.run();
        EXPECT_GT(done, most_rows); // it was one
        return others.longest();
    }
    template <class Flood>
    asio::awaitable<void> with_connection(Flood flood) {
        auto conn = co_await pool.acquire();
        co_await flood(conn, done);
    }
    void on_statement(std::string_view, std::size_t) override { ++done; }

    wharf::test::database database;
    asio::io_context context;
    wharf::async_pool pool{context.get_executor(), database.url(), {.max_size = 2}};
    int done{0};
};

using row = std::pair<std::int64_t, std::string>;

asio::awaitable<void> write_rows(wharf::async_connection& conn, int& steps) {
    auto in = co_await conn.open_copy_in<row>("numbers");
    const row each(1, "a text that no small string holds");
    for (; steps < 200'000; ++steps)
        co_await in.write(each);
    co_await in.finish();
}

TEST_F(floods, copy_in_row_by_row__lets_others_run) {
    EXPECT_LE(longest_turn(write_rows), most_at_once);
}

auto counted_rows(int& steps, int count) {
    return std::views::iota(0, count) | std::views::transform([&steps](int n) {
               ++steps;
               return row(n, "x");
           });
}

TEST_F(floods, copy_in_of_a_range__lets_others_run) {
    const auto copy = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        co_await conn.copy_in("numbers", counted_rows(steps, 100'000));
    };
    EXPECT_LE(longest_turn(copy), most_rows);
}

TEST_F(floods, insert_many__lets_others_run) {
    const auto insert = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        const wharf::column_list columns("n", "filler");
        co_await conn.insert_many("numbers", columns, counted_rows(steps, 30'000));
    };
    EXPECT_LE(longest_turn(insert), most_rows);
}

TEST_F(floods, execute_many__lets_others_run) {
    const auto insert = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        co_await conn.execute_many("INSERT INTO numbers VALUES ($1, $2)", counted_rows(steps, 10'000));
    };
    EXPECT_LE(longest_turn(insert), most_rows);
}

TEST_F(floods, pipeline_of_many_statements__lets_others_run) {
    const auto run = [this](wharf::async_connection& conn, int&) -> asio::awaitable<void> {
        wharf::pipeline statements;
        for (int i = 0; i < 10'000; ++i)
            statements.execute("INSERT INTO numbers(n) VALUES ($1)", i);
        conn.observe(this);
        co_await conn.run(statements);
    };
    EXPECT_LE(longest_turn(run), most_rows);
}

asio::awaitable<void> read_batches(wharf::async_connection& conn, int& steps) {
    auto rows =
        conn.stream<std::int64_t, std::string_view>("SELECT n, repeat('x', 1000) FROM generate_series(1, 100000) n");
    for (auto batch = co_await rows.next_batch(); !batch.empty(); batch = co_await rows.next_batch())
        ++steps;
}

TEST_F(floods, batches_of_a_stream__let_others_run) {
    EXPECT_LE(longest_turn(read_batches), most_at_once);
}

TEST_F(floods, rows_of_a_stream__let_others_run) {
    const auto read = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        auto rows = conn.stream<std::int64_t>("SELECT n FROM generate_series(1, 100000) n");
        while (co_await rows.next())
            ++steps;
    };
    EXPECT_LE(longest_turn(read), most_at_once);
}

TEST_F(floods, callback_for_each_row__lets_others_run) {
    const auto read = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        const auto count = [&steps](std::int64_t) { ++steps; };
        co_await conn.for_each<std::int64_t>("SELECT n FROM generate_series(1, 100000) n", count);
    };
    EXPECT_LE(longest_turn(read), most_rows);
}

TEST_F(floods, rows_of_a_query__are_read_with_others_in_between) {
    const auto read = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        counted::reads = &steps;
        const auto found = co_await conn.query<counted>("SELECT n FROM generate_series(1, 100000) n");
        EXPECT_EQ(found.size(), 100'000U);
    };
    EXPECT_LE(longest_turn(read), most_rows);
}

TEST_F(floods, batches_of_a_copy_out__let_others_run) {
    const auto read = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        auto out = conn.copy_out<std::int64_t, std::string_view>(
            "SELECT n, repeat('x', 1000) FROM generate_series(1, 100000) n");
        while (co_await out.next_batch())
            ++steps;
    };
    EXPECT_LE(longest_turn(read), most_at_once);
}

TEST_F(floods, callback_for_each_row_of_a_copy_out__lets_others_run) {
    const auto read = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        auto out = conn.copy_out<std::int64_t>("SELECT n FROM generate_series(1, 100000) n");
        const auto count = [&steps](std::int64_t) { ++steps; };
        co_await out.for_each(count);
    };
    EXPECT_LE(longest_turn(read), most_rows);
}

TEST_F(floods, lookups_one_after_the_other__let_others_run) {
    const auto look_up = [](wharf::async_connection& conn, int& steps) -> asio::awaitable<void> {
        for (; steps < 3000; ++steps)
            static_cast<void>(co_await conn.query<int>("SELECT 1"));
    };
    EXPECT_LE(longest_turn(look_up), most_at_once);
}

TEST_F(floods, acquire_and_release__let_others_run) {
    const auto borrow = [this](wharf::async_connection&, int& steps) -> asio::awaitable<void> {
        for (; steps < 100'000; ++steps)
            auto conn = co_await pool.acquire();
    };
    EXPECT_LE(longest_turn(borrow), most_at_once);
}

} // namespace
