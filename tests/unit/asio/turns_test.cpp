// Floods of ops that never have to wait: others on their thread run nevertheless.
#include "unit/asio/bystander.hpp"
#include "unit/asio/ops.hpp"
#include "wharf/base/error.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using wharf::asynchronous;
using wharf::io::op;
using wharf::test::bystander;
using wharf::test::ended;
using wharf::test::most_at_once;
using wharf::test::record;

constexpr int many = 10'000;

class turns : public testing::Test {
protected:
    /// The most steps of the flood between two runs of a handler that was posted.
    int longest_turn(asio::awaitable<void> flood) {
        bystander others(context, steps);
        asio::co_spawn(context, std::move(flood), [&others](std::exception_ptr error) {
            EXPECT_FALSE(error);
            others.stop();
        });
        context.run();
        EXPECT_GE(steps, many);
        return others.longest();
    }

    asio::io_context context;
    std::shared_ptr<wharf::io::background> reactor{wharf::reactor_of(context.get_executor())};
    int steps{0};
};

op<void> one_step(int& steps) {
    ++steps;
    co_return;
}

asio::awaitable<void> many_ops(wharf::io::background& reactor, int& steps) {
    while (steps < many)
        co_await asynchronous::run(reactor, one_step(steps));
}

TEST_F(turns, ops_that_finish_at_once__let_others_run) {
    const int longest = longest_turn(many_ops(*reactor, steps));
    EXPECT_LE(longest, most_at_once);
    EXPECT_GE(longest, most_at_once / 2); // and no more often than need be
}

op<void> park_on_signalled_spots(int& steps) {
    while (steps < many) {
        auto spot = co_await wharf::io::make_parking_spot();
        spot->unpark();
        (void)co_await wharf::io::park(spot); // signalled already
        ++steps;
    }
}

asio::awaitable<void> one_op(wharf::io::background& reactor, op<void> work) {
    co_await asynchronous::run(reactor, std::move(work));
}

TEST_F(turns, requests_that_are_answered_at_once__let_others_run) {
    EXPECT_LE(longest_turn(one_op(*reactor, park_on_signalled_spots(steps))), most_at_once);
}

asio::awaitable<void> until(const int& steps) {
    while (steps < many)
        co_await asio::post(asio::use_awaitable);
}

TEST_F(turns, requests_of_an_op_in_the_background__let_others_run) {
    reactor->spawn(park_on_signalled_spots(steps));
    EXPECT_LE(longest_turn(until(steps)), most_at_once);
}

op<void> yield_each_time(int& steps) {
    while (steps < many) {
        ++steps;
        co_await wharf::io::yield();
    }
}

TEST_F(turns, op_that_yields__lets_others_run_each_time) {
    EXPECT_LE(longest_turn(one_op(*reactor, yield_each_time(steps))), 1);
}

TEST_F(turns, coroutine_on_a_strand__lets_others_run) {
    bystander others(context, steps);
    asio::co_spawn(asio::make_strand(context), many_ops(*reactor, steps),
                   [&others](std::exception_ptr) { others.stop(); });
    context.run();
    EXPECT_LE(others.longest(), most_at_once);
}

TEST_F(turns, coroutine_cancelled_while_its_next_op_awaits_its_turn__that_op_has_done_nothing) {
    asio::cancellation_signal stop;
    bool failed = false;
    asio::co_spawn(context, many_ops(*reactor, steps),
                   asio::bind_cancellation_slot(stop.slot(), [&](auto error) { failed = error != nullptr; }));
    while (steps == 0)
        context.run_one();
    int begun = 0;
    asio::post(context, [&] { // behind it the coroutine queues its next op
        begun = steps;
        stop.emit(asio::cancellation_type::terminal);
    });
    context.run();
    EXPECT_TRUE(failed);
    EXPECT_GT(begun, 0);
    EXPECT_EQ(steps, begun);
}

TEST_F(turns, stop_requested_while_the_next_op_awaits_its_turn__throws_cancelled_and_that_op_has_done_nothing) {
    std::stop_source stop;
    ended<int> end;
    const auto flood = [](wharf::io::background& on, int& count, std::stop_token token) -> asio::awaitable<int> {
        for (;;)
            co_await asynchronous::run(on, one_step(count), token);
    };
    asio::co_spawn(context, flood(*reactor, steps, stop.get_token()), record(end));
    while (steps == 0)
        context.run_one();
    const int begun = steps;
    stop.request_stop();
    context.run();
    EXPECT_TRUE(end.threw<wharf::cancelled>());
    EXPECT_EQ(steps, begun);
}

TEST_F(turns, context_destroyed_while_an_op_awaits_its_turn__destroys_the_coroutine) {
    std::vector<int> destroyed;
    const auto flood = [](wharf::io::background& on, int& count, std::vector<int>& log) -> asio::awaitable<void> {
        const wharf::test::traced mark(log, 1);
        co_await many_ops(on, count);
    };
    {
        asio::io_context short_lived;
        const auto there = wharf::reactor_of(short_lived.get_executor());
        asio::co_spawn(short_lived, flood(*there, steps, destroyed), [](std::exception_ptr) { FAIL(); });
        while (steps == 0)
            short_lived.run_one();
    }
    EXPECT_LT(steps, many);
    EXPECT_EQ(destroyed, std::vector<int>{1});
}

op<int> yield_for_ever() {
    for (;;)
        co_await wharf::io::yield();
}

TEST_F(turns, deadline_passes_in_a_loop_that_only_yields__throws_timed_out) {
    EXPECT_THROW(wharf::test::await(context, yield_for_ever(), {1ms}), wharf::timed_out);
}

op<int> count_turns(int count) {
    for (int i = 0; i < count; ++i)
        co_await wharf::io::give_turn();
    co_return count;
}

TEST_F(turns, op_that_gives_turns_with_its_result_in_hand__keeps_it_past_its_deadline) {
    EXPECT_EQ(wharf::test::await(context, count_turns(100), {-1ms}), 100);
}

} // namespace
