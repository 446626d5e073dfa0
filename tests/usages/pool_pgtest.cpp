// Usage 1: a pool of 2 to 10 connections, 2 open before the first request; requests borrow, and reuse what others gave
// back.
#include "support/backends.hpp"
#include "support/run_async.hpp"
#include "wharf/asio.hpp"
#include "wharf/wharf.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace {

namespace asio = boost::asio;

constexpr const char* create = "CREATE TABLE visitors (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";
constexpr const char* insert = "INSERT INTO visitors (id, name) VALUES ($1, $2)";
constexpr const char* names = "SELECT name FROM visitors ORDER BY id";

template <class Backend>
class pool_usage : public testing::Test {
protected:
    Backend database;
};
TYPED_TEST_SUITE(pool_usage, wharf::test::backends);

TYPED_TEST(pool_usage, blocking__second_request_reuses_the_connection_of_the_first) {
    wharf::pool pool{this->database.url(), {.min_size = 2, .max_size = 10}};
    pool.open();
    EXPECT_EQ(pool.stats().idle, 2U);
    EXPECT_EQ(pool.stats().opened, 2U);
    pool.acquire().execute(create);
    {
        auto first = pool.acquire();
        first.execute(insert, 1, "Ada");
        auto second = pool.acquire();
        second.execute(insert, 2, "Grace");
        EXPECT_EQ(pool.stats().lent, 2U);
    }
    const auto found = pool.acquire().template query<std::string>(names);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1], "Grace");
    const auto stats = pool.stats();
    EXPECT_EQ(stats.opened, 2U) << "no connection was opened for a request";
    EXPECT_EQ(stats.acquired, 4U);
    EXPECT_EQ(stats.lent, 0U);
    pool.close();
    EXPECT_EQ(pool.stats().total(), 0U);
    EXPECT_THROW((void)pool.acquire(), wharf::pool_closed);
}

asio::awaitable<void> use_async_pool(wharf::async_pool& pool) {
    co_await pool.open();
    EXPECT_EQ(pool.stats().idle, 2U);
    {
        auto first = co_await pool.acquire();
        co_await first.execute(create);
        co_await first.execute(insert, 1, std::string("Ada"));
        auto second = co_await pool.acquire();
        auto transaction = second.begin();
        co_await second.execute(insert, 2, "Grace");
        co_await transaction.commit();
        auto undone = second.begin();
        co_await second.execute(insert, 3, "nobody");
    } // the second transaction is rolled back by its scope
    auto third = co_await pool.acquire();
    auto found = co_await third.template query<std::string>(names);
    EXPECT_EQ(found.size(), 2U);
    third.release();
    EXPECT_EQ(pool.stats().opened, 2U);
    co_await pool.close();
}

TYPED_TEST(pool_usage, async__second_request_reuses_the_connection_of_the_first) {
    asio::io_context context;
    wharf::async_pool pool{context.get_executor(), this->database.url(), {.min_size = 2, .max_size = 10}};
    wharf::test::run_async(context, use_async_pool(pool));
    EXPECT_EQ(pool.stats().total(), 0U);
}

} // namespace
