// One pool used from four threads and two event loops: each coroutine goes on where it belongs, nothing is lost.
#include "support/backends.hpp"
#include "support/run_async.hpp"
#include "wharf/asio/pool.hpp"

#include <boost/asio.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;

constexpr int coroutines = 24;
constexpr int rounds = 15;

asio::awaitable<void> prepare(wharf::async_pool& pool) {
    auto connection = co_await pool.acquire();
    co_await connection.execute("CREATE TABLE counters (id INTEGER PRIMARY KEY, value BIGINT NOT NULL)");
    for (int id = 0; id < coroutines; ++id)
        co_await connection.execute("INSERT INTO counters VALUES ($1, 0)", id);
}

asio::awaitable<void> count_up(wharf::async_pool& pool, int id, asio::execution_context& home,
                               std::atomic<int>& strays) {
    for (int round = 0; round < rounds; ++round) {
        auto connection = co_await pool.acquire();
        auto transaction = connection.begin();
        co_await connection.execute("UPDATE counters SET value = value + 1 WHERE id = $1", id);
        if (round % 3 == 0) continue; // given up: the scope rolls back, the connection goes back
        co_await transaction.commit();
        const auto executor = co_await asio::this_coro::executor;
        const bool at_home = &asio::query(executor, asio::execution::context) == &home;
        const bool runs_there = static_cast<asio::io_context&>(home).get_executor().running_in_this_thread();
        if (!at_home || !runs_there) ++strays;
    }
}

asio::awaitable<std::int64_t> total(wharf::async_pool& pool) {
    auto connection = co_await pool.acquire();
    auto sum = co_await connection.query<std::int64_t>("SELECT CAST(sum(value) AS bigint) FROM counters");
    co_return std::move(sum).one();
}

template <class Backend>
class pool_threads : public testing::Test {
protected:
    Backend database;
};
TYPED_TEST_SUITE(pool_threads, wharf::test::backends);

TYPED_TEST(pool_threads, four_threads_on_two_contexts__lose_nothing) {
    asio::io_context first;
    asio::io_context second;
    wharf::async_pool pool{first.get_executor(), this->database.url(), {.min_size = 2, .max_size = 4}};
    wharf::test::run_async(first, prepare(pool));

    std::atomic<int> strays{0};
    std::atomic<int> failures{0};
    std::atomic<int> left{coroutines};
    auto guard = asio::make_work_guard(first); // the pool's own work runs here, also for the other context
    for (int id = 0; id < coroutines; ++id) {
        auto& home = id % 2 == 0 ? first : second;
        asio::co_spawn(home, count_up(pool, id, home, strays), [&](std::exception_ptr failure) {
            if (failure) ++failures;
            if (--left == 0) guard.reset();
        });
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&context = i % 2 == 0 ? first : second] { context.run(); });
    for (auto& thread : threads)
        thread.join();
    first.restart();

    EXPECT_EQ(failures.load(), 0);
    EXPECT_EQ(strays.load(), 0);
    std::int64_t sum = 0;
    const auto read = [&]() -> asio::awaitable<void> { sum = co_await total(pool); };
    wharf::test::run_async(first, read());
    EXPECT_EQ(sum, coroutines * (rounds - (rounds + 2) / 3));
    const auto stats = pool.stats();
    EXPECT_EQ(stats.lent + stats.waiting, 0U);
    EXPECT_LE(stats.peak_lent, 4U);
    EXPECT_EQ(stats.opened - stats.closed.total(), stats.idle + stats.cleaning + stats.closing);
}

} // namespace
