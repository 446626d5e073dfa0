// Queries given up at random moments, through one pool and many coroutines: by deadline, and by Asio's terminal
// cancellation. WHARF_TEST_CANCELLATIONS: how many.
#include "support/chances.hpp"
#include "support/postgres_server.hpp"
#include "wharf/asio/pool.hpp"
#include "wharf/base/database_error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;

constexpr int coroutines = 8;
constexpr std::size_t largest_pool = 4;
constexpr auto nonce_query = "SELECT $1::int8 FROM pg_sleep($2)";

struct storm {
    wharf::async_pool& pool;
    int wanted{0};
    std::atomic<int> given_up{0};
    std::atomic<int> left{coroutines};
};

asio::awaitable<void> ask(storm& in, wharf::async_connection& conn, std::int64_t nonce, double sleep,
                          wharf::call_options options) {
    try {
        auto found = co_await conn.query<std::int64_t>(nonce_query, nonce, sleep, options);
        EXPECT_EQ(std::move(found).one(), nonce);
    } catch (const wharf::timed_out&) {
        ++in.given_up;
    } catch (const wharf::cancelled&) {
        ++in.given_up;
    } // query_canceled would be that of another query
}

asio::awaitable<void> play(storm& in, int number) {
    using namespace asio::experimental::awaitable_operators;
    std::minstd_rand random(static_cast<unsigned>(number));
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (std::int64_t nonce = number; in.given_up < in.wanted; nonce += coroutines) {
        auto conn = co_await in.pool.acquire();
        const double sleep = static_cast<double>(random() % 3000) / 1e6;
        const auto timeout = std::chrono::microseconds(random() % 3000);
        if (random() % 2 == 0) {
            const wharf::call_options options(timeout);
            co_await ask(in, conn, nonce, sleep, options);
        } else {
            const wharf::call_options unlimited;
            timer.expires_after(timeout);
            static_cast<void>(
                co_await (ask(in, conn, nonce, sleep, unlimited) || timer.async_wait(asio::use_awaitable)));
        }
        if (random() % 2 == 0 && conn.core().usable()) {
            auto found = co_await conn.query<std::int64_t>(nonce_query, -nonce, 0.0);
            EXPECT_EQ(std::move(found).one(), -nonce);
        }
    }
}

asio::awaitable<void> play_and_leave(storm& in, int number) {
    try {
        co_await play(in, number);
    } catch (const std::exception& caught) {
        ADD_FAILURE() << caught.what();
    }
    if (--in.left == 0) co_await in.pool.close();
}

class async_cancel_storm : public testing::TestWithParam<wharf::cancellation> {
protected:
    wharf::test::database database_;
};

TEST_P(async_cancel_storm, no_reply_reaches_another_query_and_the_server_counts_no_more_than_the_pool) {
    while (database_.connections() != 0) // of whoever has made the database ready
        std::this_thread::yield();
    asio::io_context context;
    wharf::async_pool pool{
        context.get_executor(), database_.url(), {.min_size = 0, .max_size = largest_pool, .cancellation = GetParam()}};
    storm all{pool, wharf::test::chances("WHARF_TEST_CANCELLATIONS", 300)};
    for (int number = 1; number <= coroutines; ++number)
        asio::co_spawn(asio::make_strand(context), play_and_leave(all, number), asio::detached);
    std::int64_t most = 0;
    {
        std::jthread second([&context] { context.run(); });
        std::jthread watch([&](const std::stop_token& done) {
            while (!done.stop_requested())
                most = std::max(most, database_.connections());
        });
        context.run();
    }
    EXPECT_LE(most, static_cast<std::int64_t>(largest_pool));
    EXPECT_GE(all.given_up, all.wanted);
    // What was being opened when the pool was closed ends in the background.
    const auto keeps_running = asio::make_work_guard(context);
    context.restart();
    for (int i = 0; i < 1000 && database_.connections() != 0; ++i)
        context.run_for(std::chrono::milliseconds(10));
    EXPECT_EQ(database_.connections(), 0);
}

INSTANTIATE_TEST_SUITE_P(both, async_cancel_storm,
                         testing::Values(wharf::cancellation::close, wharf::cancellation::cancel_and_drain),
                         [](const auto& each) {
                             return each.param == wharf::cancellation::close ? "close" : "cancel_and_drain";
                         });

} // namespace
