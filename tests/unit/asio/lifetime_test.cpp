// Who keeps a context running, and what happens when one ends too early.
#include "unit/asio/ops.hpp"
#include "wharf/asio/asynchronous.hpp"
#include "wharf/base/error.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using wharf::asynchronous;
using wharf::io::op;
using wharf::test::ended;
using wharf::test::innermost;
using wharf::test::nested;
using wharf::test::record;

/// How far a background op has come.
struct progress {
    int rounds{0};
    int destroyed{0};
};

struct at_end {
    explicit at_end(progress& of) : seen(of) {}
    at_end(const at_end&) = delete;
    at_end& operator=(const at_end&) = delete;
    ~at_end() { ++seen.destroyed; }
    progress& seen;
};

op<void> count_rounds(progress& seen) {
    const at_end mark(seen);
    for (;;) {
        ++seen.rounds;
        const auto next = wharf::clock::now() + 1ms;
        co_await wharf::io::sleep_until(next);
    }
}

op<int> sleep_for(wharf::duration span) {
    const auto until = wharf::clock::now() + span;
    co_await wharf::io::sleep_until(until);
    co_return 1;
}

TEST(reactor, only_background_work_is_left__run_returns) {
    progress seen;
    {
        asio::io_context context;
        wharf::reactor_of(context.get_executor())->spawn(count_rounds(seen));
        context.run();
        EXPECT_EQ(seen.rounds, 1);
    }
    EXPECT_EQ(seen.destroyed, 1);
}

TEST(reactor, context_runs_for_another_reason__background_work_goes_on) {
    progress seen;
    asio::io_context context;
    wharf::reactor_of(context.get_executor())->spawn(count_rounds(seen));
    asio::steady_timer other_reason(context, 100ms);
    other_reason.async_wait([](boost::system::error_code) {});
    context.run();
    EXPECT_GT(seen.rounds, 5);
}

TEST(reactor, op_waits__run_does_not_return_before_it_has_finished) {
    progress seen;
    asio::io_context context;
    wharf::reactor_of(context.get_executor())->spawn(count_rounds(seen));
    EXPECT_EQ(wharf::test::await(context, sleep_for(20ms)), 1);
    EXPECT_EQ(wharf::test::await(context, sleep_for(1ms)), 1);
    EXPECT_GT(seen.rounds, 2);
}

TEST(reactor, background_op_waits_on_a_descriptor_when_the_context_ends__is_destroyed) {
    std::vector<int> order;
    const wharf::io::test::socket_pair ends;
    struct starter {
        static op<void> wait(std::vector<int>& order, wharf::io::descriptor& silent) {
            co_await nested(2, innermost::waits, order, silent);
        }
    };
    {
        asio::io_context context;
        wharf::reactor_of(context.get_executor())->spawn(starter::wait(order, ends.near->handle()));
        context.run();
    }
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(reactor, outlives_its_context__destroys_what_is_spawned) {
    progress seen;
    std::shared_ptr<wharf::io::background> reactor;
    {
        asio::io_context context;
        reactor = wharf::reactor_of(context.get_executor());
    }
    reactor->spawn(count_rounds(seen));
    EXPECT_EQ(seen.rounds, 0);
}

TEST(reactor, stream_outlives_the_context__leaves_it_without_harm) {
    wharf::io::test::socket_pair ends;
    std::vector<int> order;
    {
        asio::io_context context;
        EXPECT_THROW(wharf::test::await(context, nested(0, innermost::waits, order, ends.near->handle()), {1ms}),
                     wharf::timed_out);
    }
    asio::io_context second;
    wharf::io::run(wharf::io::write_all(*ends.far, std::string_view("x")));
    EXPECT_EQ(wharf::test::await(second, nested(0, innermost::waits, order, ends.near->handle())), 1);
}

/// What a job holds that outlives its op.
struct gate {
    std::promise<void> begun;
    std::promise<void> released;
    std::promise<void> passed;
};

op<int> blocking_job(std::shared_ptr<gate> through) {
    const auto job = [through = std::move(through)] {
        through->begun.set_value();
        through->released.get_future().wait();
        through->passed.set_value();
    };
    co_await wharf::io::offload(job);
    co_return 1;
}

TEST(reactor, context_ends_while_a_job_runs__the_job_goes_on_alone) {
    const auto through = std::make_shared<gate>();
    auto passed = through->passed.get_future();
    {
        asio::io_context context;
        const auto reactor = wharf::reactor_of(context.get_executor());
        asio::co_spawn(context, asynchronous::run(*reactor, blocking_job(through)),
                       [](std::exception_ptr, int) { FAIL(); });
        context.poll();
        through->begun.get_future().wait();
    }
    through->released.set_value();
    passed.wait();
}

class two_contexts : public testing::Test {
protected:
    wharf::io::test::socket_pair ends;
    std::vector<int> order;
    ended<int> end;

    /// Starts, in `theirs`, a coroutine that waits on the reactor of `home` for what never comes.
    void start(asio::io_context& home, asio::io_context& theirs) {
        const auto reactor = wharf::reactor_of(home.get_executor());
        asio::co_spawn(theirs, asynchronous::run(*reactor, nested(3, innermost::waits, order, ends.near->handle())),
                       record(end));
        theirs.poll();
        EXPECT_TRUE(order.empty());
    }
    const std::vector<int> innermost_first{0, 1, 2, 3};
};

TEST_F(two_contexts, context_of_the_coroutine_ends_first__destroys_its_op) {
    asio::io_context home;
    {
        asio::io_context theirs;
        start(home, theirs);
    }
    EXPECT_EQ(order, innermost_first);
    EXPECT_FALSE(end.completed);
    EXPECT_EQ(home.run_for(1ms), 0U); // no work is left behind
}

TEST_F(two_contexts, context_of_the_reactor_ends_first__op_is_cancelled) {
    asio::io_context theirs;
    {
        asio::io_context home;
        start(home, theirs);
    }
    theirs.run();
    EXPECT_EQ(order, innermost_first);
    EXPECT_TRUE(end.threw<wharf::cancelled>());
}

TEST_F(two_contexts, both_run__op_resumes_on_its_own_context) {
    asio::io_context home;
    asio::io_context theirs;
    start(home, theirs);
    wharf::io::run(wharf::io::write_all(*ends.far, std::string_view("x")));
    home.run_one();
    EXPECT_FALSE(end.completed);
    theirs.run();
    EXPECT_EQ(end.value, 1);
    home.run(); // returns: the guest has left
}

TEST(reactor, thread_pool__runs_ops_and_joins) {
    progress seen;
    {
        asio::thread_pool threads(2);
        const auto reactor = wharf::reactor_of(threads.get_executor());
        reactor->spawn(count_rounds(seen));
        auto one = asio::co_spawn(threads, asynchronous::run(*reactor, sleep_for(5ms)), asio::use_future);
        auto two =
            asio::co_spawn(asio::make_strand(threads), asynchronous::run(*reactor, sleep_for(5ms)), asio::use_future);
        EXPECT_EQ(one.get() + two.get(), 2);
        threads.join();
    }
    EXPECT_EQ(seen.destroyed, 1);
}

} // namespace
