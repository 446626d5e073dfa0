// <wharf/asio.hpp> alone is enough for the programs that its headers and the documentation show.
#include <wharf/asio.hpp>

#include <gtest/gtest.h>

namespace wharf::testing {
namespace {

namespace asio = boost::asio;

asio::awaitable<std::int64_t> answer(async_session_factory& make_session) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor, std::chrono::milliseconds(0));
    boost::system::error_code failed;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
    auto session = make_session();
    const auto rows = co_await session.query_sql<std::int64_t>("SELECT 42");
    co_return rows.one();
}

asio::awaitable<void> keep(async_session_factory& make_session, std::int64_t& out) {
    out = co_await answer(make_session);
}

TEST(umbrella_of_asio, brings_contexts_spawning_tokens_and_timers) {
    asio::io_context context;
    async_engine engine{context.get_executor(), "sqlite://"};
    async_session_factory make_session{engine};
    std::int64_t detached_answer = 0;
    asio::co_spawn(context, keep(make_session, detached_answer), asio::detached);
    auto future = asio::co_spawn(context, answer(make_session), asio::use_future);
    context.run();
    EXPECT_EQ(detached_answer, 42);
    EXPECT_EQ(future.get(), 42);
}

} // namespace
} // namespace wharf::testing
