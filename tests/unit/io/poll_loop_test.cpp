#include "wharf/io/poll_loop.hpp"

#include "unit/io/socket_pair.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/waits.hpp"

#include <gtest/gtest.h>

#include <openssl/err.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace wharf::io;
using test::socket_pair;

op<void> report_thread(std::promise<std::thread::id>& into) {
    into.set_value(std::this_thread::get_id());
    co_return;
}

TEST(poll_loop, spawned_op__runs_on_a_thread_of_the_loop) {
    std::promise<std::thread::id> one;
    std::promise<std::thread::id> two;
    poll_loop loop;
    loop.spawn(report_thread(one));
    loop.spawn(report_thread(two));
    const auto thread = one.get_future().get();
    EXPECT_NE(thread, std::this_thread::get_id());
    EXPECT_EQ(thread, two.get_future().get());
}

op<void> echo(stream& over, std::latch& done) {
    std::array<char, 64> buffer{};
    for (;;) {
        const auto count = co_await read_some(over, buffer);
        if (count == 0) break;
        const std::span<const char> bytes(buffer.data(), count);
        co_await write_all(over, bytes);
    }
    done.count_down();
}

TEST(poll_loop, many_ops_on_descriptors__all_progress) {
    constexpr int pairs = 20;
    std::latch done(pairs);
    std::vector<socket_pair> streams(pairs);
    poll_loop loop;
    for (auto& pair : streams)
        loop.spawn(echo(*pair.far, done));
    std::array<char, 64> buffer{};
    for (int round = 0; round < 20; ++round) {
        for (auto& pair : streams) {
            run(write_all(*pair.near, std::string_view("hello")));
            EXPECT_EQ(run(read_some(*pair.near, buffer), {20s}), 5U);
        }
    }
    for (auto& pair : streams)
        pair.near.reset();
    done.wait();
}

op<void> park_within(wharf::duration limit, std::promise<std::shared_ptr<parking_spot>>& spot_out,
                     std::promise<wake>& result) {
    auto& self = co_await this_task();
    const deadline_scope scope(self, wharf::deadline_after(wharf::clock::now(), limit));
    auto spot = co_await make_parking_spot();
    spot_out.set_value(spot);
    const auto how = co_await park(spot);
    result.set_value(how);
}

struct parked {
    std::promise<std::shared_ptr<parking_spot>> spot{};
    std::promise<wake> result{};
};

TEST(poll_loop, parked_op_unparked_by_another_thread__is_ready) {
    parked one;
    poll_loop loop;
    loop.spawn(park_within(1h, one.spot, one.result));
    one.spot.get_future().get()->unpark();
    EXPECT_EQ(one.result.get_future().get(), wake::ready);
}

TEST(poll_loop, parked_op_past_its_deadline__is_timed_out) {
    parked one;
    poll_loop loop;
    loop.spawn(park_within(2ms, one.spot, one.result));
    EXPECT_EQ(one.result.get_future().get(), wake::timed_out);
}

TEST(poll_loop, destroyed_while_ops_wait__cancels_them_and_lets_them_end) {
    parked one;
    std::shared_ptr<parking_spot> spot;
    {
        poll_loop loop;
        loop.spawn(park_within(1h, one.spot, one.result));
        spot = one.spot.get_future().get();
    }
    EXPECT_EQ(one.result.get_future().get(), wake::cancelled);
    spot->unpark(); // harmless
}

op<void> offload_then(std::promise<std::thread::id>& job_thread, std::promise<std::thread::id>& back) {
    const auto job = [] { return std::this_thread::get_id(); };
    const auto where = co_await offload(job);
    job_thread.set_value(where);
    back.set_value(std::this_thread::get_id());
}

op<void> leave_an_error_of_openssl(std::promise<unsigned long>& seen) {
    auto job = [] { ERR_raise(ERR_LIB_USER, 7); };
    co_await offload(job);
    auto look = [] { return ERR_peek_error(); };
    const auto found = co_await offload(look);
    seen.set_value(found);
}

// Whoever hears of the result may end the process, and the thread with it.
TEST(poll_loop, offloaded_job__leaves_nothing_of_openssl_on_its_thread) {
    std::promise<unsigned long> seen;
    poll_loop loop(1);
    loop.spawn(leave_an_error_of_openssl(seen));
    EXPECT_EQ(seen.get_future().get(), 0U);
}

TEST(poll_loop, offloaded_job__runs_elsewhere_and_the_op_goes_on_in_the_loop) {
    std::promise<std::thread::id> job_thread;
    std::promise<std::thread::id> back;
    poll_loop loop;
    loop.spawn(offload_then(job_thread, back));
    EXPECT_NE(job_thread.get_future().get(), back.get_future().get());
}

op<void> spawn_more(poll_loop& loop, int depth, std::latch& done) {
    if (depth > 0) loop.spawn(spawn_more(loop, depth - 1, done));
    const auto soon = wharf::clock::now() + 50us;
    co_await sleep_until(soon);
    done.count_down();
}

TEST(poll_loop, ops_spawned_by_threads_and_ops__all_run) {
    std::latch done(4 * 100 * 2);
    poll_loop loop;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i)
                loop.spawn(spawn_more(loop, 1, done));
        });
    }
    for (auto& thread : threads)
        thread.join();
    done.wait();
}

/// Hands a spot from the op that parks to the thread that unparks.
class exchange {
public:
    void put(std::shared_ptr<parking_spot> spot) {
        const std::lock_guard lock(mutex_);
        spot_ = std::move(spot);
    }
    [[nodiscard]] std::shared_ptr<parking_spot> take() {
        const std::lock_guard lock(mutex_);
        return std::move(spot_);
    }

private:
    std::mutex mutex_;
    std::shared_ptr<parking_spot> spot_;
};

op<void> park_in_turns(exchange& shown, std::atomic<int>& rounds, int count) {
    for (int i = 0; i < count; ++i) {
        auto spot = co_await make_parking_spot();
        shown.put(spot);
        static_cast<void>(co_await park(spot));
        ++rounds;
    }
}

TEST(poll_loop, unpark_in_a_race_with_park__is_never_lost) {
    constexpr int count = 5000;
    exchange shown;
    std::atomic<int> rounds{0};
    poll_loop loop;
    loop.spawn(park_in_turns(shown, rounds, count));
    while (rounds < count) {
        if (const auto spot = shown.take()) spot->unpark();
    }
}

op<void> never_ends_by_itself(stream& silent, std::atomic<bool>& unwound) {
    struct mark {
        std::atomic<bool>& flag;
        explicit mark(std::atomic<bool>& f) : flag(f) {}
        mark(const mark&) = delete;
        mark& operator=(const mark&) = delete;
        ~mark() { flag = true; }
    };
    const mark at_end(unwound);
    try {
        co_await wait(silent.handle(), interest::read);
    } catch (const wharf::cancelled&) {
    }
}

TEST(poll_loop, destroyed_while_an_op_waits_on_a_descriptor__unwinds_it) {
    socket_pair ends;
    std::atomic<bool> unwound{false};
    {
        poll_loop loop;
        loop.spawn(never_ends_by_itself(*ends.near, unwound));
    }
    EXPECT_TRUE(unwound);
}

op<void> yield_until(const std::atomic<bool>& over, std::promise<void>& ended) {
    while (!over.load())
        co_await yield();
    ended.set_value();
}

op<void> end_flood(descriptor& rung, std::atomic<bool>& over) {
    co_await wait(rung, interest::read);
    over = true;
}

TEST(poll_loop, op_that_only_yields__others_run_and_their_descriptors_are_watched) {
    std::atomic<bool> over{false};
    std::promise<void> ended;
    socket_pair pair;
    poll_loop loop;
    loop.spawn(yield_until(over, ended));
    loop.spawn(end_flood(pair.far->handle(), over));
    run(write_all(*pair.near, std::string_view("x")));
    ended.get_future().get();
}

op<void> let_go(std::shared_ptr<poll_loop>& of, std::shared_ptr<std::promise<void>> ended) {
    of.reset();
    ended->set_value();
    co_return;
}

TEST(poll_loop, destroyed_by_one_of_its_ops__thread_does_not_wait_for_itself) {
    const auto ended = std::make_shared<std::promise<void>>(); // nobody waits for the thread
    auto loop = std::make_shared<poll_loop>();
    auto& last = loop;
    last->spawn(let_go(last, ended));
    ended->get_future().get();
    EXPECT_EQ(loop, nullptr);
}

op<void> offload_slowly(std::shared_ptr<std::latch> begun, std::shared_ptr<std::latch> go_on) {
    const auto slow = [begun, go_on] {
        begun->count_down();
        go_on->wait();
    };
    try {
        co_await offload(slow);
    } catch (const wharf::cancelled&) {
        co_return;
    }
}

TEST(poll_loop, destroyed_while_an_offloaded_function_blocks__does_not_wait_for_it) {
    const auto begun = std::make_shared<std::latch>(1);
    const auto go_on = std::make_shared<std::latch>(1);
    {
        poll_loop loop;
        loop.spawn(offload_slowly(begun, go_on));
        begun->wait();
    }
    go_on->count_down();
}

} // namespace
