// async_pool over SQLite: the usages, the end of coroutines, threads.
#include "unit/sqlite/fixture.hpp"
#include "wharf/asio/pool.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <optional>
#include <thread>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using wharf::async_pool;

class async_sqlite_pool : public wharf::testing::sqlite_file {
protected:
    void run(asio::awaitable<void> work) {
        std::exception_ptr error;
        asio::co_spawn(context, std::move(work), [&error](std::exception_ptr thrown) { error = thrown; });
        context.restart();
        context.run();
        if (error) std::rethrow_exception(error);
    }
    asio::io_context context;
};

asio::awaitable<void> use(async_pool& pool) {
    co_await pool.open();
    auto conn = co_await pool.acquire();
    co_await conn.execute("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)");
    auto tx = conn.begin();
    auto id =
        (co_await conn.query<std::int64_t>("INSERT INTO users(name) VALUES ($1) RETURNING id", std::string("Ann")))
            .one();
    co_await conn.execute("UPDATE users SET name = $1 WHERE id = $2", std::string("Bob"), id);
    co_await tx.commit();
    for (auto& [key, name] : co_await conn.query<std::int64_t, std::string>("SELECT id, name FROM users")) {
        EXPECT_EQ(key, id);
        EXPECT_EQ(name, "Bob");
    }
}

TEST_F(async_sqlite_pool, opened_and_used__and_the_context_ends_with_the_work) {
    async_pool pool{context.get_executor(), url(), {.min_size = 2, .max_size = 10}};
    run(use(pool));
    EXPECT_EQ(pool.stats().idle, 2U);
    EXPECT_EQ(pool.stats().acquired, 1U);
}

asio::awaitable<void> abandon(async_pool& pool) {
    auto conn = co_await pool.acquire();
    co_await conn.execute("CREATE TABLE t(n INTEGER)");
    {
        auto tx = conn.begin();
        co_await conn.execute("INSERT INTO t VALUES (1)");
    }
    conn.release();
    auto next = co_await pool.acquire();
    EXPECT_EQ((co_await next.query<std::int64_t>("SELECT count(*) FROM t")).one(), 0);
    EXPECT_THROW(static_cast<void>(conn.begin()), wharf::usage_error);
}

TEST_F(async_sqlite_pool, transaction_not_committed__leaves_nothing) {
    async_pool pool{context.get_executor(), url(), {.max_size = 1}};
    run(abandon(pool));
}

asio::awaitable<void> time_out(async_pool& pool) {
    auto conn = co_await pool.acquire();
    const wharf::call_options briefly(20ms);
    bool timed_out = false;
    try {
        auto second = co_await pool.acquire(briefly);
    } catch (const wharf::acquire_timeout&) {
        timed_out = true;
    }
    EXPECT_TRUE(timed_out);
}

TEST_F(async_sqlite_pool, nothing_free__acquire_times_out) {
    async_pool pool{context.get_executor(), url(), {.max_size = 1}};
    run(time_out(pool));
    EXPECT_EQ(pool.stats().timeouts, 1U);
    EXPECT_EQ(pool.stats().idle, 1U);
}

asio::awaitable<void> hold(async_pool& pool, int& holding) {
    auto conn = co_await pool.acquire();
    ++holding;
    co_await conn.execute("SELECT 1");
}

TEST_F(async_sqlite_pool, fifty_coroutines_on_two_connections__all_are_served) {
    async_pool pool{context.get_executor(), url(), {.max_size = 2}};
    int served = 0;
    for (int i = 0; i < 50; ++i)
        asio::co_spawn(context, hold(pool, served), asio::detached);
    context.run();
    EXPECT_EQ(served, 50);
    EXPECT_LE(pool.stats().peak_lent, 2U);
    EXPECT_EQ(pool.stats().lent, 0U);
}

TEST_F(async_sqlite_pool, coroutine_cancelled_while_it_waits__leaves_the_line) {
    async_pool pool{context.get_executor(), url(), {.max_size = 1}};
    asio::cancellation_signal signal;
    std::exception_ptr error;
    bool kept_waiting = true;
    std::optional<wharf::async_connection> holder;
    asio::co_spawn(
        context, [](async_pool& from) { return from.acquire(); }(pool),
        [&](std::exception_ptr, wharf::async_connection conn) {
            holder.emplace(std::move(conn));
            asio::co_spawn(
                context, pool.acquire(),
                asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown, wharf::async_connection) {
                    error = thrown;
                    kept_waiting = false;
                }));
            asio::post(context, [&] {
                EXPECT_EQ(pool.stats().waiting, 1U);
                signal.emit(asio::cancellation_type::terminal);
            });
        });
    context.run();
    EXPECT_FALSE(kept_waiting);
    EXPECT_THROW(std::rethrow_exception(error), wharf::cancelled);
    EXPECT_EQ(pool.stats().waiting, 0U);
    EXPECT_EQ(pool.stats().cancelled, 1U);
}

TEST_F(async_sqlite_pool, context_ends_with_coroutines_waiting__counts_balance) {
    auto own = std::make_unique<asio::io_context>();
    async_pool pool{own->get_executor(), url(), {.min_size = 1, .max_size = 1}};
    int holding = 0;
    for (int i = 0; i < 5; ++i)
        asio::co_spawn(*own, hold(pool, holding), asio::detached);
    for (int i = 0; i < 3; ++i)
        own->run_one();
    own.reset();
    const auto now = pool.stats();
    EXPECT_EQ(now.waiting, 0U);
    EXPECT_EQ(now.lent, 0U);
    EXPECT_EQ(now.opened - now.closed.total(), now.idle + now.cleaning + now.closing);
}

asio::awaitable<void> increment(async_pool& pool, int times) {
    for (; times > 0; --times) {
        auto conn = co_await pool.acquire();
        auto tx = conn.begin({.immediate = true});
        const auto n = (co_await conn.query<std::int64_t>("SELECT n FROM counter")).one();
        co_await conn.execute("UPDATE counter SET n = $1", n + 1);
        co_await tx.commit();
    }
}

asio::awaitable<void> create_counter(async_pool& pool) {
    auto conn = co_await pool.acquire();
    co_await conn.execute("CREATE TABLE counter AS SELECT 0 AS n");
}

asio::awaitable<void> read_counter(async_pool& pool, std::int64_t& out) {
    auto conn = co_await pool.acquire();
    out = (co_await conn.query<std::int64_t>("SELECT n FROM counter")).one();
}

TEST_F(async_sqlite_pool, threads_and_two_contexts__no_update_is_lost) {
    asio::thread_pool home(2);
    asio::thread_pool other(2);
    {
        async_pool pool{home.get_executor(), url(), {.max_size = 3}};
        asio::co_spawn(home, create_counter(pool), asio::use_future).get();
        std::vector<std::future<void>> work;
        for (int i = 0; i < 8; ++i) {
            auto& where = i % 2 == 0 ? home : other;
            work.push_back(asio::co_spawn(where, increment(pool, 10), asio::use_future));
        }
        for (auto& one : work)
            one.get();
        std::int64_t n = 0;
        asio::co_spawn(home, read_counter(pool, n), asio::use_future).get();
        EXPECT_EQ(n, 80);
        asio::co_spawn(home, pool.close(), asio::use_future).get();
        EXPECT_EQ(pool.stats().opened, pool.stats().closed.total());
    }
    other.join();
    home.join();
}

} // namespace
