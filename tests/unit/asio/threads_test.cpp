// Many threads at once; run under ThreadSanitizer.
#include "unit/asio/ops.hpp"
#include "wharf/asio/asynchronous.hpp"
#include "wharf/base/error.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using wharf::asynchronous;
using wharf::io::op;
using wharf::io::wake;

/// Runs a context on several threads until destroyed.
class running_context {
public:
    explicit running_context(int threads) : guard_(context.get_executor()) {
        for (int i = 0; i < threads; ++i)
            threads_.emplace_back([this] { context.run(); });
    }
    running_context(const running_context&) = delete;
    running_context& operator=(const running_context&) = delete;
    ~running_context() { join(); }
    /// Returns when all that was spawned has ended.
    void join() {
        guard_.reset();
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
    }
    asio::io_context context;

private:
    asio::executor_work_guard<asio::io_context::executor_type> guard_;
    std::vector<std::thread> threads_;
};

/// A rendezvous as in a pool: one op parks, another, anywhere, unparks it.
class meeting {
public:
    void offer(std::shared_ptr<wharf::io::parking_spot> spot) {
        const std::lock_guard lock(mutex_);
        spots_.push_back(std::move(spot));
    }
    void unpark_one() {
        std::shared_ptr<wharf::io::parking_spot> spot;
        {
            const std::lock_guard lock(mutex_);
            if (spots_.empty()) return;
            spot = std::move(spots_.back());
            spots_.pop_back();
        }
        spot->unpark();
    }

private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<wharf::io::parking_spot>> spots_;
};

op<wake> park_in(meeting& place) {
    auto spot = co_await wharf::io::make_parking_spot();
    place.offer(spot);
    co_return co_await wharf::io::park(spot);
}

struct tally {
    std::atomic<int> ready{0};
    std::atomic<int> timed_out{0};
    std::atomic<int> on_own_context{0};
};

asio::awaitable<void> park_often(wharf::io::background& reactor, meeting& place, tally& counts, int rounds,
                                 asio::execution_context& own) {
    for (int i = 0; i < rounds; ++i) {
        const wharf::call_options brief(i % 3 == 0 ? wharf::duration(20us) : wharf::duration(1h));
        const auto how = co_await asynchronous::run(reactor, park_in(place), brief);
        ++(how == wake::ready ? counts.ready : counts.timed_out);
        const auto executor = co_await asio::this_coro::executor;
        if (&asio::query(executor, asio::execution::context) == &own) ++counts.on_own_context;
    }
}

TEST(threads, unpark_against_deadlines_on_two_contexts__every_op_ends_once_on_its_own_context) {
    constexpr int tasks = 8;
    constexpr int rounds = 500;
    meeting place;
    tally counts;
    std::atomic<int> left{2 * tasks};
    running_context one(2);
    running_context two(2);
    const auto reactor = wharf::reactor_of(one.context.get_executor());
    for (auto* where : {&one.context, &two.context}) {
        for (int i = 0; i < tasks; ++i) {
            asio::co_spawn(*where, park_often(*reactor, place, counts, rounds, *where),
                           [&left](std::exception_ptr error) {
                               EXPECT_FALSE(error);
                               --left;
                           });
        }
    }
    while (left > 0) {
        place.unpark_one();
        std::this_thread::yield();
    }
    EXPECT_EQ(counts.ready + counts.timed_out, 2 * tasks * rounds);
    EXPECT_EQ(counts.on_own_context, 2 * tasks * rounds);
    two.join();
    one.join();
}

op<int> echo(wharf::io::stream& over, int rounds) {
    std::array<char, 16> buffer{};
    for (int i = 0; i < rounds; ++i) {
        const auto count = co_await wharf::io::read_some(over, buffer);
        co_await wharf::io::write_all(over, std::span<const char>(buffer.data(), count));
    }
    co_return rounds;
}

op<int> ping(wharf::io::stream& over, int rounds) {
    std::array<char, 16> buffer{};
    for (int i = 0; i < rounds; ++i) {
        co_await wharf::io::write_all(over, std::string_view("ping"));
        const auto count = co_await wharf::io::read_some(over, buffer);
        if (count != 4) co_return i;
    }
    co_return rounds;
}

TEST(threads, many_streams_on_four_threads__every_byte_arrives) {
    constexpr int pairs = 16;
    constexpr int rounds = 300;
    std::vector<wharf::io::test::socket_pair> streams(pairs);
    std::atomic<int> finished{0};
    {
        running_context running(4);
        const auto reactor = wharf::reactor_of(running.context.get_executor());
        const auto count = [&finished, expected = rounds](std::exception_ptr error, int done) {
            EXPECT_FALSE(error);
            EXPECT_EQ(done, expected);
            ++finished;
        };
        for (auto& pair : streams) {
            asio::co_spawn(running.context, asynchronous::run(*reactor, echo(*pair.far, rounds), {30s}), count);
            asio::co_spawn(running.context, asynchronous::run(*reactor, ping(*pair.near, rounds), {30s}), count);
        }
        running.join();
    }
    EXPECT_EQ(finished, 2 * pairs);
}

op<int> wait_for_bytes(wharf::io::descriptor& silent) {
    co_await wharf::io::wait(silent, wharf::io::interest::read);
    co_return 1;
}

TEST(threads, stop_requests_against_readiness__every_op_ends_once) {
    constexpr int rounds = 300;
    std::vector<wharf::io::test::socket_pair> streams(rounds);
    std::vector<std::stop_source> sources(rounds);
    std::atomic<int> finished{0};
    running_context running(3);
    const auto reactor = wharf::reactor_of(running.context.get_executor());
    for (std::size_t i = 0; i < rounds; ++i) {
        asio::co_spawn(running.context,
                       asynchronous::run(*reactor, wait_for_bytes(streams[i].near->handle()),
                                         wharf::call_options(sources[i].get_token())),
                       [&finished](std::exception_ptr, int) { ++finished; });
    }
    std::thread stopper([&sources] {
        for (auto& source : sources)
            source.request_stop();
    });
    for (auto& pair : streams)
        static_cast<void>(pair.far->write(std::string_view("x")));
    stopper.join();
    running.join();
    EXPECT_EQ(finished, rounds);
}

op<int> offload_one(int value) {
    const auto job = [value] { return value + 1; };
    co_return co_await wharf::io::offload(job);
}

TEST(threads, offloaded_jobs_from_two_contexts__all_return) {
    constexpr int jobs = 500;
    std::atomic<int> sum{0};
    running_context one(2);
    running_context two(2);
    const auto reactor = wharf::reactor_of(one.context.get_executor());
    for (int i = 0; i < jobs; ++i) {
        auto& where = i % 2 == 0 ? one.context : two.context;
        asio::co_spawn(where, asynchronous::run(*reactor, offload_one(0)),
                       [&sum](std::exception_ptr error, int one_more) {
                           EXPECT_FALSE(error);
                           sum += one_more;
                       });
    }
    two.join();
    one.join();
    EXPECT_EQ(sum, jobs);
}

op<void> hop(std::atomic<int>& done, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        const auto soon = wharf::clock::now() + 10us;
        co_await wharf::io::sleep_until(soon);
    }
    ++done;
}

TEST(threads, spawned_from_many_threads__all_finish) {
    std::atomic<int> done{0};
    running_context running(2);
    const auto reactor = wharf::reactor_of(running.context.get_executor());
    std::vector<std::thread> spawners;
    for (int t = 0; t < 4; ++t) {
        spawners.emplace_back([&] {
            for (int i = 0; i < 50; ++i)
                reactor->spawn(hop(done, 5));
        });
    }
    for (auto& thread : spawners)
        thread.join();
    while (done < 200)
        std::this_thread::yield();
    running.join();
}

} // namespace
