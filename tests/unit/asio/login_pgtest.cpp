// Logging in on an event loop: the same steps, and none of them blocks it.
#include "support/postgres_server.hpp"
#include "support/run_async.hpp"
#include "wharf/asio/pool.hpp"
#include "wharf/base/error.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

namespace asio = boost::asio;

const std::string bound = "&require_auth=scram-sha-256&channel_binding=require";

asio::awaitable<void> logs_in(wharf::async_pool& pool) {
    co_await pool.open();
    auto connection = co_await pool.acquire();
    auto encrypted = co_await connection.query<bool>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    EXPECT_TRUE(std::move(encrypted).one());
}

TEST(async_login_pgtest, pool_opens_all_its_connections_with_scram_bound_to_tls) {
    const wharf::test::database database;
    asio::io_context context;
    {
        wharf::async_pool pool{context.get_executor(), database.tls_url() + bound, {.min_size = 3, .max_size = 3}};
        wharf::test::run_async(context, logs_in(pool));
    }
    context.run();
}

asio::awaitable<void> is_refused(wharf::async_pool& pool, std::string* why) {
    try {
        co_await pool.open();
    } catch (const wharf::error& refused) {
        *why = refused.what();
    }
}

TEST(async_login_pgtest, login_that_is_not_bound_where_that_is_required_is_refused) {
    const wharf::test::database database;
    asio::io_context context;
    std::string why;
    {
        wharf::async_pool pool{context.get_executor(), database.tcp_url() + bound, {.min_size = 1, .max_size = 1}};
        wharf::test::run_async(context, is_refused(pool, &why));
    }
    context.run();
    EXPECT_NE(why.find("channel_binding=require"), std::string::npos) << why;
    EXPECT_EQ(why.find(wharf::test::postgres_server().password), std::string::npos);
}

} // namespace
