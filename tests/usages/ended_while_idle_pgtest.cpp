// Connections that the server ends while they are idle in a pool: replaced before a borrower writes to one.
#include "support/postgres_server.hpp"
#include "support/run_async.hpp"
#include "wharf/asio.hpp"
#include "wharf/pool/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

enum class way { unix_socket, tcp, tls };
constexpr way ways[] = {way::unix_socket, way::tcp, way::tls};

template <class Server>
std::string url_of(const Server& server, way how) {
    if (how == way::tcp) return server.tcp_url();
    if (how == way::tls) return server.tls_url();
    if constexpr (requires { server.socket_url(); })
        return server.socket_url();
    else
        return server.url();
}

// One connection, which is never asked for an answer before it is lent.
constexpr wharf::pool_options one{.min_size = 1, .max_size = 1, .validate_after_idle = 1h};

constexpr auto backend_query = "SELECT pg_backend_pid()::int8";

std::int64_t backend_of(wharf::pool& pool) {
    return pool.acquire().query<std::int64_t>(backend_query).one();
}

asio::awaitable<std::int64_t> backend_of(wharf::async_pool& pool) {
    auto conn = co_await pool.acquire();
    auto found = co_await conn.query<std::int64_t>(backend_query);
    co_return found.one();
}

void expect_replaced(const wharf::pool_stats& stats) {
    EXPECT_EQ(stats.opened, 2U);
    EXPECT_EQ(stats.closed.check_failed, 1U);
    EXPECT_EQ(stats.closed.total(), 1U);
    EXPECT_EQ(stats.acquired, 2U);
    EXPECT_EQ(stats.checks, 0U);
    EXPECT_EQ(stats.total(), 1U);
}

class ended_while_idle : public testing::TestWithParam<way> {
protected:
    [[nodiscard]] std::string url() const { return url_of(database_, GetParam()); }
    void terminate(std::int64_t backend) const {
        database_.execute("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 10000)");
    }

    wharf::test::database database_;
};

INSTANTIATE_TEST_SUITE_P(by, ended_while_idle, testing::ValuesIn(ways), [](const auto& how) {
    return how.param == way::unix_socket ? "unix_socket" : how.param == way::tcp ? "tcp" : "tls";
});

TEST_P(ended_while_idle, backend_terminated__next_borrower_does_not_notice) {
    wharf::pool pool{url(), one};
    const auto first = backend_of(pool);
    terminate(first);
    EXPECT_NE(backend_of(pool), first);
    expect_replaced(pool.stats());
}

asio::awaitable<void> outlive_a_backend(wharf::async_pool& pool, const wharf::test::database& database) {
    const auto first = co_await backend_of(pool);
    database.execute("SELECT pg_terminate_backend(" + std::to_string(first) + ", 10000)");
    const auto second = co_await backend_of(pool);
    EXPECT_NE(second, first);
}

TEST_P(ended_while_idle, backend_terminated__next_coroutine_does_not_notice) {
    asio::io_context context;
    wharf::async_pool pool{context.get_executor(), url(), one};
    wharf::test::run_async(context, outlive_a_backend(pool, database_));
    expect_replaced(pool.stats());
}

TEST_P(ended_while_idle, server_gives_up_the_idle_session__next_borrower_does_not_notice) {
    const std::string with_options = url() + (url().find('?') == std::string::npos ? "?" : "&");
    wharf::pool pool{with_options + "options=-c%20idle_session_timeout%3D20ms", one};
    pool.open();
    while (database_.connections() != 0)
        std::this_thread::yield();
    EXPECT_NE(backend_of(pool), 0);
    EXPECT_GE(pool.stats().opened, 2U); // those that replace it end while idle, too
}

TEST(server_restarted_between_two_leases, in_threads_on_a_socket_and_tcp_and_tls__nobody_notices) {
    wharf::support::throwaway_postgres server;
    std::vector<std::unique_ptr<wharf::pool>> pools;
    for (const way how : ways) {
        pools.push_back(std::make_unique<wharf::pool>(url_of(server, how), one));
        EXPECT_NE(backend_of(*pools.back()), 0);
    }
    server.restart();
    for (const auto& pool : pools) {
        EXPECT_NE(backend_of(*pool), 0);
        expect_replaced(pool->stats());
    }
}

asio::awaitable<void> outlive_a_server(std::vector<std::unique_ptr<wharf::async_pool>>& pools,
                                       wharf::support::throwaway_postgres& server) {
    for (const auto& pool : pools)
        (void)co_await backend_of(*pool);
    server.restart();
    for (const auto& pool : pools)
        (void)co_await backend_of(*pool);
}

TEST(server_restarted_between_two_leases, in_coroutines_on_a_socket_and_tcp_and_tls__nobody_notices) {
    wharf::support::throwaway_postgres server;
    asio::io_context context;
    std::vector<std::unique_ptr<wharf::async_pool>> pools;
    for (const way how : ways)
        pools.push_back(std::make_unique<wharf::async_pool>(context.get_executor(), url_of(server, how), one));
    wharf::test::run_async(context, outlive_a_server(pools, server));
    for (const auto& pool : pools)
        expect_replaced(pool->stats());
}

} // namespace
