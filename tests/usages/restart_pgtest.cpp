// A server that is restarted, or gone for a while, under a pool that is in use.
#include "support/postgres_server.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using wharf::support::shutdown;

class restart_pgtest : public testing::TestWithParam<shutdown> {
protected:
    static std::int64_t seven(wharf::connection& conn) { return conn.query<std::int64_t>("SELECT 7::int8").one(); }
    // What the pool has opened and not closed is what it holds, and what the server counts.
    static bool books_balance(wharf::pool& pool) {
        auto conn = pool.acquire();
        const auto connected =
            conn.query<std::int64_t>("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'wharf'").one();
        const auto now = pool.stats();
        return now.connecting + now.closing == 0 && now.opened - now.closed.total() == now.total() &&
               now.total() == static_cast<std::size_t>(connected);
    }
    // As many borrowers as connections, after the restart. Nobody notices, and none is opened that is not needed.
    void restart_under_twenty(wharf::duration validate_after_idle) {
        wharf::pool pool{server_.socket_url(),
                         {.min_size = 20, .max_size = 20, .validate_after_idle = validate_after_idle}};
        pool.open();
        ASSERT_EQ(pool.stats().idle, 20U);
        server_.restart(GetParam());
        std::vector<wharf::connection> borrowed;
        for (int i = 0; i < 20; ++i) {
            borrowed.push_back(pool.acquire());
            EXPECT_EQ(seven(borrowed.back()), 7);
        }
        EXPECT_EQ(pool.stats().opened, 40U);
        borrowed.clear();
        expect_books_balance(pool);
    }
    static void expect_books_balance(wharf::pool& pool) {
        bool balanced = books_balance(pool);
        for (int i = 0; i < 500 && !balanced; ++i) {
            std::this_thread::sleep_for(10ms);
            balanced = books_balance(pool);
        }
        EXPECT_TRUE(balanced);
    }

    wharf::support::throwaway_postgres server_;
};

TEST_P(restart_pgtest, twenty_idle_connections_that_are_checked__are_replaced_and_nobody_notices) {
    restart_under_twenty(0s);
}

TEST_P(restart_pgtest, twenty_idle_connections_that_are_not_checked__are_replaced_and_nobody_notices) {
    restart_under_twenty(1h);
}

TEST_P(restart_pgtest, operations_in_flight__fail_once_each_and_the_pool_recovers) {
    constexpr int borrowers = 8;
    wharf::pool pool{server_.socket_url(), {.min_size = 4, .max_size = 6}};
    pool.open();
    std::atomic<int> errors{0};
    std::atomic<bool> restarted{false};
    std::latch working{borrowers};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < borrowers; ++i) {
            threads.emplace_back([&] {
                for (int done = 0; !restarted || done == 0; ++done) {
                    try {
                        auto conn = pool.acquire();
                        EXPECT_EQ(seven(conn), 7);
                    } catch (const wharf::connection_lost&) {
                        ++errors;
                    }
                    if (done == 0) working.count_down();
                }
            });
        }
        working.wait();
        server_.restart(GetParam());
        restarted = true;
    }
    EXPECT_LE(errors, borrowers);
    expect_books_balance(pool);
}

INSTANTIATE_TEST_SUITE_P(by, restart_pgtest, testing::Values(shutdown::fast, shutdown::kill), [](const auto& how) {
    return std::string(how.param == shutdown::fast ? "fast_shutdown" : "kill");
});

class gone_pgtest : public restart_pgtest {};

TEST_F(gone_pgtest, server_down__acquires_fail_at_their_deadlines_and_name_why_until_it_is_back) {
    wharf::pool pool{server_.socket_url(), {.min_size = 2, .max_size = 4}};
    pool.open();
    server_.stop(shutdown::immediate);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i) {
            threads.emplace_back([&] {
                try {
                    auto conn = pool.acquire({200ms});
                    (void)seven(conn);
                    ADD_FAILURE() << "nobody is there";
                } catch (const wharf::acquire_timeout& late) {
                    EXPECT_THAT(late.what(), testing::HasSubstr("cannot connect"));
                }
            });
        }
    }
    server_.start();
    auto conn = pool.acquire({20s});
    EXPECT_EQ(seven(conn), 7);
}

} // namespace
