#include "wharf/asio/asynchronous.hpp"

#include "unit/asio/ops.hpp"
#include "wharf/base/error.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using wharf::asynchronous;
using wharf::io::op;
using wharf::test::await;
using wharf::test::ended;
using wharf::test::innermost;
using wharf::test::nested;
using wharf::test::record;

op<int> immediate(int value) {
    co_return value;
}

op<std::int64_t> sum_of_a_million() {
    std::int64_t sum = 0;
    for (int i = 0; i < 1'000'000; ++i)
        sum += co_await immediate(1);
    co_return sum;
}

TEST(asynchronous, million_awaits_in_one_op__sum_is_right) {
    asio::io_context context;
    EXPECT_EQ(await(context, sum_of_a_million()), 1'000'000);
}

asio::awaitable<int> await_many(wharf::io::background& reactor, int count) {
    int sum = 0;
    for (int i = 0; i < count; ++i)
        sum += co_await asynchronous::run(reactor, immediate(1));
    co_return sum;
}

TEST(asynchronous, many_ops_that_finish_at_once__seldom_go_through_the_scheduler) {
    asio::io_context context;
    const auto reactor = wharf::reactor_of(context.get_executor());
    ended<int> end;
    asio::co_spawn(context, await_many(*reactor, 100'000), record(end));
    std::size_t handlers = context.run();
    EXPECT_EQ(end.value, 100'000);
    EXPECT_LE(handlers, 3U + 100'000 / 127); // three are co_spawn's
}

TEST(reactor_of, strand_or_context__is_one_reactor_per_context) {
    asio::io_context context;
    asio::io_context other;
    const auto reactor = wharf::reactor_of(context.get_executor());
    EXPECT_EQ(wharf::reactor_of(asio::make_strand(context)), reactor);
    EXPECT_NE(wharf::reactor_of(other.get_executor()), reactor);
}

class nested_ops : public testing::Test {
protected:
    op<int> ten(innermost does) { return nested(10, does, order, ends.near->handle()); }
    void TearDown() override {
        EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
        EXPECT_EQ(wharf::test::traced::alive, 0);
    }
    wharf::io::test::socket_pair ends;
    asio::io_context context;
    std::vector<int> order;
};

TEST_F(nested_ops, exception__reaches_the_coroutine) {
    EXPECT_THROW(await(context, ten(innermost::throws)), std::runtime_error);
}

TEST_F(nested_ops, ready__yields_the_value) {
    wharf::io::run(wharf::io::write_all(*ends.far, std::string_view("x")));
    EXPECT_EQ(await(context, ten(innermost::waits)), 1);
}

TEST_F(nested_ops, deadline__throws_timed_out) {
    EXPECT_THROW(await(context, ten(innermost::waits), {5ms}), wharf::timed_out);
}

TEST_F(nested_ops, cancellation_slot__throws_cancelled) {
    const auto reactor = wharf::reactor_of(context.get_executor());
    asio::cancellation_signal signal;
    ended<int> end;
    asio::co_spawn(context, asynchronous::run(*reactor, ten(innermost::waits)),
                   asio::bind_cancellation_slot(signal.slot(), record(end)));
    context.poll();
    asio::post(context, [&signal] { signal.emit(asio::cancellation_type::terminal); });
    context.run();
    EXPECT_TRUE(end.threw<wharf::cancelled>());
}

asio::awaitable<bool> time_out_after(asio::awaitable<int> work, wharf::duration limit) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(co_await asio::this_coro::executor, limit);
    const auto first = co_await (std::move(work) || timer.async_wait(asio::use_awaitable));
    co_return first.index() == 1;
}

TEST_F(nested_ops, other_side_of_an_asio_or_ends_first__is_cancelled) {
    const auto reactor = wharf::reactor_of(context.get_executor());
    ended<bool> end;
    asio::co_spawn(context, time_out_after(asynchronous::run(*reactor, ten(innermost::waits)), 3ms), record(end));
    context.run();
    EXPECT_EQ(end.value, true);
}

TEST_F(nested_ops, stop_token_from_another_thread__throws_cancelled) {
    std::stop_source source;
    std::thread stopper([&source] { source.request_stop(); });
    EXPECT_THROW(await(context, ten(innermost::waits), {source.get_token()}), wharf::cancelled);
    stopper.join();
}

TEST_F(nested_ops, stop_requested_before__throws_cancelled) {
    std::stop_source source;
    source.request_stop();
    EXPECT_THROW(await(context, ten(innermost::waits), {source.get_token()}), wharf::cancelled);
}

TEST_F(nested_ops, context_destroyed_while_waiting__destroys_innermost_first) {
    bool called = false;
    {
        asio::io_context short_lived;
        const auto reactor = wharf::reactor_of(short_lived.get_executor());
        asio::co_spawn(short_lived, asynchronous::run(*reactor, ten(innermost::waits)),
                       [&called](std::exception_ptr, int) { called = true; });
        short_lived.poll();
        EXPECT_TRUE(order.empty());
    }
    EXPECT_FALSE(called);
}

TEST(asynchronous, awaitable_never_started__destroys_only_the_arguments_of_the_op) {
    const wharf::io::test::socket_pair ends;
    std::vector<int> order;
    asio::io_context context;
    {
        const auto reactor = wharf::reactor_of(context.get_executor());
        const auto unused = asynchronous::run(*reactor, nested(10, innermost::waits, order, ends.near->handle()));
    }
    EXPECT_TRUE(order.empty());
}

op<int> offload_twice(int value) {
    const auto times_two = [value] { return 2 * value; };
    const auto doubled = co_await wharf::io::offload(times_two);
    const auto checked = [doubled]() -> int {
        if (doubled > 10) throw std::out_of_range("too large");
        return doubled;
    };
    co_return co_await wharf::io::offload(checked);
}

TEST(asynchronous, offloaded_function_returns_or_throws__op_does_the_same) {
    asio::io_context context;
    EXPECT_EQ(await(context, offload_twice(4)), 8);
    EXPECT_THROW(await(context, offload_twice(6)), std::out_of_range);
}

op<bool> sleep_for(wharf::duration span) {
    const auto until = wharf::clock::now() + span;
    co_await wharf::io::sleep_until(until);
    co_return wharf::clock::now() >= until;
}

TEST(asynchronous, sleep__ends_after_its_moment_or_at_the_deadline) {
    asio::io_context context;
    EXPECT_TRUE(await(context, sleep_for(3ms)));
    EXPECT_TRUE(await(context, sleep_for(-1h)));
    EXPECT_THROW(await(context, sleep_for(1h), {3ms}), wharf::timed_out);
}

op<wharf::io::wake> park_alone() {
    auto spot = co_await wharf::io::make_parking_spot();
    co_return co_await wharf::io::park(spot);
}

TEST(asynchronous, park_until_the_deadline__says_timed_out) {
    asio::io_context context;
    EXPECT_EQ(await(context, park_alone(), {3ms}), wharf::io::wake::timed_out);
}

op<wharf::io::wake> unparked_before() {
    auto spot = co_await wharf::io::make_parking_spot();
    spot->unpark();
    co_return co_await wharf::io::park(spot);
}

TEST(asynchronous, unparked_before_parking__is_ready) {
    asio::io_context context;
    EXPECT_EQ(await(context, unparked_before()), wharf::io::wake::ready);
}

} // namespace
