// A listener in coroutines.
#include "support/postgres_server.hpp"
#include "support/run_async.hpp"
#include "wharf/asio/listener.hpp"
#include "wharf/asio/pool.hpp"
#include "wharf/base/error.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using kind = wharf::listener_event::kind;

class async_listener_pgtest : public testing::Test {
protected:
    void run(asio::awaitable<void> work) { wharf::test::run_async(context_, std::move(work)); }

    wharf::test::database database_;
    asio::io_context context_;
};

asio::awaitable<void> hears(asio::io_context& context, const wharf::test::database& database) {
    wharf::async_listener listener{context.get_executor(), database.url()};
    wharf::async_pool pool{context.get_executor(), database.url(), {.min_size = 0}};
    co_await listener.listen("orders");
    auto conn = co_await pool.acquire();
    for (int i = 0; i < 100; ++i) {
        const auto payload = std::to_string(i);
        co_await conn.notify("orders", payload);
    }
    for (int i = 0; i < 100; ++i) {
        auto event = co_await listener.next();
        EXPECT_EQ(event.what(), kind::notified);
        EXPECT_EQ(event.notification().payload, std::to_string(i));
    }
}
TEST_F(async_listener_pgtest, notifications__arrive_in_order) {
    run(hears(context_, database_));
}

asio::awaitable<void> survives(asio::io_context& context, const wharf::test::database& database) {
    wharf::async_listener listener{context.get_executor(), database.tls_url()};
    co_await listener.listen("orders");
    database.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "
                     "AND query LIKE 'LISTEN%'");
    auto event = co_await listener.next();
    EXPECT_EQ(event.what(), kind::reconnected);
    database.execute("NOTIFY orders, 'again'");
    event = co_await listener.next();
    EXPECT_EQ(event.notification().payload, "again");
}
TEST_F(async_listener_pgtest, connection_that_is_terminated__is_replaced) {
    run(survives(context_, database_));
}

asio::awaitable<void> gives_up(asio::io_context& context, const wharf::test::database& database) {
    using namespace asio::experimental::awaitable_operators;
    wharf::async_listener listener{context.get_executor(), database.url()};
    co_await listener.listen("orders");
    bool late = false;
    const wharf::call_options briefly(20ms);
    try {
        co_await listener.next(briefly);
    } catch (const wharf::timed_out&) {
        late = true;
    }
    EXPECT_TRUE(late);
    asio::steady_timer timer(context, 20ms);
    auto first = co_await (listener.next() || timer.async_wait(asio::use_awaitable));
    EXPECT_EQ(first.index(), 1U);
    database.execute("NOTIFY orders, 'nothing is lost'");
    auto event = co_await listener.next();
    EXPECT_EQ(event.notification().payload, "nothing is lost");
}
TEST_F(async_listener_pgtest, wait_that_is_given_up__loses_nothing) {
    run(gives_up(context_, database_));
}

asio::awaitable<void> waits_for_ever(std::shared_ptr<wharf::async_listener> listener) {
    co_await listener->listen("orders");
    co_await listener->next();
    ADD_FAILURE() << "nobody has sent anything";
}
TEST_F(async_listener_pgtest, coroutine_destroyed_while_it_waits__takes_the_connection_with_it) {
    for (const auto span : {1ms, 5ms, 20ms, 100ms}) {
        auto context = std::make_unique<asio::io_context>();
        auto listener = std::make_shared<wharf::async_listener>(context->get_executor(), database_.url());
        asio::co_spawn(*context, waits_for_ever(std::move(listener)), [](const std::exception_ptr&) {});
        context->run_for(span);
        context.reset();
    }
    for (int i = 0; i < 1000 && database_.connections() != 0; ++i)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(database_.connections(), 0);
}

} // namespace
