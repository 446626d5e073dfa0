// Queries given up at random moments, through one pool and many threads: no reply and no late request ever reaches
// another query. WHARF_TEST_CANCELLATIONS: how many.
#include "support/chances.hpp"
#include "support/connection_watch.hpp"
#include "support/postgres_server.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr int threads = 6;
constexpr std::size_t largest_pool = 4;
constexpr auto nonce_query = "SELECT $1::int8 FROM pg_sleep($2)";

class cancel_storm : public testing::TestWithParam<wharf::cancellation> {
protected:
    // Takes connections until so many queries have been given up.
    void play(wharf::pool& pool, int number) {
        std::minstd_rand random(static_cast<unsigned>(number));
        for (std::int64_t nonce = number; given_up_ < wanted_; nonce += threads) {
            auto conn = pool.acquire();
            const double sleep = static_cast<double>(random() % 3000) / 1e6;
            const auto timeout = std::chrono::microseconds(random() % 3000);
            try {
                EXPECT_EQ(ask(conn, nonce, sleep, timeout, random() % 2 == 0), nonce);
            } catch (const wharf::timed_out&) {
                ++given_up_;
            } catch (const wharf::cancelled&) {
                ++given_up_;
            } // query_canceled would be that of another query
            if (random() % 2 == 0 && conn.core().usable()) {
                EXPECT_EQ(conn.query<std::int64_t>(nonce_query, -nonce, 0.0).one(), -nonce);
            }
        }
    }
    static std::int64_t ask(wharf::connection& conn, std::int64_t nonce, double sleep,
                            std::chrono::microseconds timeout, bool by_token) {
        if (!by_token) return conn.query<std::int64_t>(nonce_query, nonce, sleep, wharf::call_options(timeout)).one();
        std::stop_source stop;
        std::jthread stopper([&stop, timeout] {
            std::this_thread::sleep_for(timeout);
            stop.request_stop();
        });
        return conn.query<std::int64_t>(nonce_query, nonce, sleep, wharf::call_options(stop.get_token())).one();
    }

    wharf::test::database database_;
    const int wanted_{wharf::test::chances("WHARF_TEST_CANCELLATIONS", 300)};
    std::atomic<int> given_up_{0};
};

TEST_P(cancel_storm, no_reply_reaches_another_query_and_the_server_counts_no_more_than_the_pool) {
    wharf::pool pool{database_.url(), {.min_size = 0, .max_size = largest_pool, .cancellation = GetParam()}};
    while (database_.connections() != 0) // of whoever has made the database ready
        std::this_thread::yield();
    wharf::test::connection_watch watch(database_);
    {
        std::vector<std::jthread> all;
        for (int number = 1; number <= threads; ++number)
            all.emplace_back([this, &pool, number] { play(pool, number); });
    }
    EXPECT_LE(watch.most(), static_cast<std::int64_t>(largest_pool));
    EXPECT_GE(given_up_, wanted_);
    const auto stats = pool.stats();
    if (GetParam() == wharf::cancellation::cancel_and_drain) {
        EXPECT_LT(stats.closed.broken, stats.cleaned / 10 + 5) << "connections are to be kept";
    }
    pool.close();
    // What was being opened when the pool was closed ends in the background.
    for (int i = 0; i < 1000 && database_.connections() != 0; ++i)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(database_.connections(), 0);
}

INSTANTIATE_TEST_SUITE_P(both, cancel_storm,
                         testing::Values(wharf::cancellation::close, wharf::cancellation::cancel_and_drain),
                         [](const auto& each) {
                             return each.param == wharf::cancellation::close ? "close" : "cancel_and_drain";
                         });

} // namespace
