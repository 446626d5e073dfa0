// Streams of rows in coroutines, on both backends: of leased connections and of sessions.
#include "support/backends.hpp"
#include "support/run_async.hpp"
#include "wharf/asio/pool.hpp"
#include "wharf/asio/session.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::string_view counting = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1) "
                                      "SELECT n, 'name ' || n AS name FROM c";
constexpr std::string_view counting_in_silence =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1) "
    "SELECT n, '' AS name FROM c WHERE n < 0";

struct numbered {
    std::int64_t n{};
    std::string name{};
};

template <class Backend>
class async_stream : public testing::Test {
protected:
    void run(asio::awaitable<void> work) { wharf::test::run_async(context_, std::move(work)); }

    Backend backend_{};
    asio::io_context context_{};
    wharf::async_pool pool_{context_.get_executor(), backend_.url(), {.max_size = 1}};
    wharf::async_engine engine_{context_.get_executor(), backend_.url(), {.pool_size = 1}};
};
TYPED_TEST_SUITE(async_stream, wharf::test::backends);

asio::awaitable<void> read_rows(wharf::async_pool& pool) {
    auto conn = co_await pool.acquire();
    std::int64_t sum = 0;
    auto rows = conn.stream<std::int64_t, std::string_view>(counting, 1000);
    while (auto* row = co_await rows.next()) {
        const auto& [n, name] = *row;
        sum += n;
        EXPECT_EQ(name, "name " + std::to_string(n));
    }
    EXPECT_EQ(sum, 500'500);
    EXPECT_EQ((co_await conn.query<int>("SELECT 7")).one(), 7);
}

TYPED_TEST(async_stream, rows_are_read_one_by_one) {
    this->run(read_rows(this->pool_));
}

asio::awaitable<void> read_batches(wharf::async_pool& pool, int& suspensions) {
    auto conn = co_await pool.acquire();
    std::int64_t sum = 0;
    auto rows = conn.stream<numbered>(counting, 30'000, wharf::stream_options{.fetch_size = 10'000});
    for (auto batch = co_await rows.next_batch(); !batch.empty(); batch = co_await rows.next_batch()) {
        ++suspensions;
        for (const auto& row : batch)
            sum += row.n;
    }
    EXPECT_EQ(sum, 30'000LL * 30'001 / 2);
    std::int64_t called = 0;
    const auto add = [&called](std::int64_t n, std::string_view) { called += n; };
    co_await conn.for_each<std::int64_t, std::string_view>(counting, add, 1000);
    EXPECT_EQ(called, 500'500);
}

TYPED_TEST(async_stream, batches_are_read_with_few_suspensions) {
    int suspensions = 0;
    this->run(read_batches(this->pool_, suspensions));
    EXPECT_GT(suspensions, 1);
    EXPECT_LT(suspensions, 1000);
}

asio::awaitable<void> leave_early(wharf::async_pool& pool) {
    for (const std::uint32_t fetch_size : {0U, 10U}) {
        {
            auto conn = co_await pool.acquire();
            wharf::stream_options options;
            options.fetch_size = fetch_size;
            auto rows = conn.stream<numbered>(counting, 5000, options);
            EXPECT_NE(co_await rows.next(), nullptr);
        }
        auto conn = co_await pool.acquire();
        EXPECT_EQ((co_await conn.query<int>("SELECT 7")).one(), 7);
    }
}

TYPED_TEST(async_stream, stream_that_is_left_does_not_harm_the_next_borrower) {
    this->run(leave_early(this->pool_));
    EXPECT_EQ(this->pool_.stats().opened, 1U);
}

asio::awaitable<void> read_for_ever(wharf::async_pool& pool) {
    auto conn = co_await pool.acquire();
    // Never a row: whenever it is cancelled, a read is on its way.
    auto rows = conn.stream<numbered>(counting_in_silence, 2'000'000'000);
    EXPECT_EQ(co_await rows.next(), nullptr);
}
asio::awaitable<void> select_seven(wharf::async_pool& pool) {
    const wharf::call_options patience(20s);
    auto conn = co_await pool.acquire(patience);
    EXPECT_EQ((co_await conn.query<int>("SELECT 7")).one(), 7);
}

TYPED_TEST(async_stream, cancelled_while_it_reads__connection_is_replaced) {
    asio::cancellation_signal stop;
    std::exception_ptr ended;
    asio::co_spawn(this->context_, read_for_ever(this->pool_),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr error) { ended = error; }));
    this->context_.run_for(50ms);
    stop.emit(asio::cancellation_type::terminal);
    this->context_.run();
    this->context_.restart();
    EXPECT_THROW(std::rethrow_exception(ended), wharf::cancelled);
    this->run(select_seven(this->pool_));
    EXPECT_EQ(this->pool_.stats().opened, 2U);
}

asio::awaitable<void> stream_in_session(wharf::async_engine& engine) {
    wharf::async_session session{engine};
    auto tx = session.begin();
    co_await session.execute("CREATE TABLE t(n INTEGER)");
    co_await session.execute("INSERT INTO t VALUES (1), (2), (3)");
    std::int64_t sum = 0;
    auto rows = session.stream_sql<std::int64_t>("SELECT n FROM t");
    while (auto* n = co_await rows.next())
        sum += *n;
    EXPECT_EQ(sum, 6);
    auto left = session.stream_sql<std::int64_t, std::string_view>(counting, 5000);
    EXPECT_NE(co_await left.next(), nullptr);
    bool refused = false;
    try {
        co_await session.execute("DELETE FROM t");
    } catch (const wharf::concurrent_use&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
    left = session.stream_sql<std::int64_t, std::string_view>(counting, 5000);
    EXPECT_EQ((co_await session.execute("DELETE FROM t WHERE n > 1")).rows, 2U);
    co_await tx.commit();
    EXPECT_EQ((co_await session.query_sql<int>("SELECT n FROM t")).one(), 1);
}

TYPED_TEST(async_stream, session_streams_rows_inside_its_transaction) {
    this->run(stream_in_session(this->engine_));
}

} // namespace
