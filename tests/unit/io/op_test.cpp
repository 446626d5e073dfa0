#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/descriptor.hpp"
#include "wharf/io/waits.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using wharf::io::op;

op<int> immediate(int value) {
    co_return value;
}

op<std::int64_t> sum_of_a_million() {
    std::int64_t sum = 0;
    for (int i = 0; i < 1'000'000; ++i)
        sum += co_await immediate(1);
    co_return sum;
}

/// Where the machine stack stands in a frame that an op runs in.
op<std::uintptr_t> stack_position(int depth) {
    if (depth > 0) co_return co_await stack_position(depth - 1);
    co_return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

struct traced {
    std::vector<int>& order;
    int number;
    traced(std::vector<int>& log, int n) : order(log), number(n) {}
    traced(const traced&) = delete;
    traced& operator=(const traced&) = delete;
    ~traced() { order.push_back(number); }
};

enum class ending { exception, deadline, wait_forever };

op<int> nested(int depth, ending how, std::vector<int>& order, wharf::io::descriptor& silent) {
    const traced mark(order, depth);
    if (depth > 0) co_return co_await nested(depth - 1, how, order, silent);
    if (how == ending::exception) throw std::runtime_error("from the innermost op");
    co_await wharf::io::wait(silent, wharf::io::interest::read);
    co_return 1;
}

class nested_ops : public testing::Test {
protected:
    nested_ops() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        silent.reset(ends[0]);
        other.reset(ends[1]);
    }
    wharf::io::descriptor silent;
    wharf::io::descriptor other;
    std::vector<int> order;
    const std::vector<int> innermost_first{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
};

TEST(op, million_awaits_that_complete_at_once__sum_is_right) {
    EXPECT_EQ(wharf::io::run(sum_of_a_million()), 1'000'000);
}

TEST(op, nesting_deeper__uses_no_more_machine_stack) {
    EXPECT_EQ(wharf::io::run(stack_position(1)), wharf::io::run(stack_position(1000)));
}

TEST_F(nested_ops, exception__reaches_the_caller_and_unwinds_innermost_first) {
    EXPECT_THROW(wharf::io::run(nested(10, ending::exception, order, silent)), std::runtime_error);
    EXPECT_EQ(order, innermost_first);
}

TEST_F(nested_ops, deadline__throws_timed_out_through_all) {
    EXPECT_THROW(wharf::io::run(nested(10, ending::deadline, order, silent), {5ms}), wharf::timed_out);
    EXPECT_EQ(order, innermost_first);
}

TEST_F(nested_ops, stop_request_from_another_thread__throws_cancelled_through_all) {
    std::stop_source source;
    std::thread stopper([&source] { source.request_stop(); });
    EXPECT_THROW(wharf::io::run(nested(10, ending::wait_forever, order, silent), {source.get_token()}),
                 wharf::cancelled);
    stopper.join();
    EXPECT_EQ(order, innermost_first);
}

TEST_F(nested_ops, destruction_while_waiting__destroys_frames_innermost_first) {
    {
        wharf::io::outcome<int> out;
        wharf::io::task running(wharf::io::detail::blocking_surroundings());
        nested(10, ending::wait_forever, order, silent).start_on(running, out);
        EXPECT_FALSE(running.pump());
    }
    EXPECT_EQ(order, innermost_first);
}

TEST_F(nested_ops, never_started__destroys_only_its_arguments) {
    {
        auto unused = nested(10, ending::exception, order, silent);
    }
    EXPECT_TRUE(order.empty());
}

op<wharf::io::wake> park_until_unparked(std::vector<std::thread>& threads) {
    auto spot = co_await wharf::io::make_parking_spot();
    threads.emplace_back([spot] { spot->unpark(); });
    co_return co_await wharf::io::park(spot);
}

TEST(park, unparked_from_another_thread__is_ready) {
    std::vector<std::thread> threads;
    EXPECT_EQ(wharf::io::run(park_until_unparked(threads)), wharf::io::wake::ready);
    threads.front().join();
}

op<wharf::io::wake> park_alone() {
    auto spot = co_await wharf::io::make_parking_spot();
    co_return co_await wharf::io::park(spot);
}

TEST(park, deadline_passes__says_timed_out_without_throwing) {
    EXPECT_EQ(wharf::io::run(park_alone(), {2ms}), wharf::io::wake::timed_out);
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

TEST(offload, function_returns_or_throws__op_does_the_same) {
    EXPECT_EQ(wharf::io::run(offload_twice(4)), 8);
    EXPECT_THROW(wharf::io::run(offload_twice(6)), std::out_of_range);
}

op<void> sleep_within(wharf::duration limit, wharf::duration span) {
    auto& self = co_await wharf::io::this_task();
    const auto now = wharf::clock::now();
    const wharf::io::deadline_scope scope(self, now + limit);
    co_await wharf::io::sleep_until(now + span);
}

TEST(sleep, deadline_scope_narrower_than_the_sleep__times_out) {
    EXPECT_THROW(wharf::io::run(sleep_within(1ms, 1h)), wharf::timed_out);
    wharf::io::run(sleep_within(1h, 1ms));
}

op<int> yield_often(int count) {
    for (int i = 0; i < count; ++i)
        co_await wharf::io::yield();
    co_return count;
}

TEST(yield, blocking__goes_on_at_once_and_ends_in_time) {
    EXPECT_EQ(wharf::io::run(yield_often(1000)), 1000);
    EXPECT_THROW(wharf::io::run(yield_often(1), {-1ms}), wharf::timed_out);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(wharf::io::run(yield_often(1), {stop.get_token()}), wharf::cancelled);
}

op<int> give_turns(int count) {
    for (int i = 0; i < count; ++i)
        co_await wharf::io::give_turn();
    co_return count;
}

TEST(give_turn, deadline_passed__the_op_keeps_its_result) {
    EXPECT_EQ(wharf::io::run(give_turns(10), {-1ms}), 10);
}

} // namespace
