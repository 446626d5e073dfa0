// Acquires that are given up: nothing is lost, whatever they were doing.
#include "unit/pool/pool_fixture.hpp"

#include <array>
#include <string>
#include <tuple>

namespace {

using namespace std::chrono_literals;
using wharf::lease;
using wharf::test::dial;

class pool_cancellation : public wharf::test::pool_fixture {};

TEST_F(pool_cancellation, cancelled_while_waiting__leaves_the_line) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    auto first = acquire();
    auto second = acquire();
    first.cancel();
    ASSERT_TRUE(first.done());
    EXPECT_THROW(static_cast<void>(first.get()), wharf::cancelled);
    EXPECT_EQ(pool->stats().waiting, 1U);
    EXPECT_EQ(pool->stats().cancelled, 1U);
    lent.release();
    world.settle();
    EXPECT_TRUE(second.done());
}

TEST_F(pool_cancellation, cancelled_before_it_began__gets_nothing_and_counts) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto stopped = world.start_cancelled(pool->acquire());
    ASSERT_TRUE(stopped.done());
    EXPECT_THROW(static_cast<void>(stopped.get()), wharf::cancelled);
    EXPECT_EQ(pool->stats().cancelled, 1U);
    EXPECT_EQ(pool->stats().acquired, 0U);
    auto closing = world.start(pool->close());
    auto late = world.start_cancelled(pool->acquire());
    EXPECT_THROW(static_cast<void>(late.get()), wharf::cancelled) << "before all else";
}

TEST_F(pool_cancellation, destroyed_while_waiting__leaves_the_line_at_once) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    auto first = acquire();
    auto second = acquire();
    first.destroy();
    EXPECT_EQ(pool->stats().waiting, 1U);
    lent.release();
    world.settle();
    EXPECT_TRUE(second.done());
}

TEST_F(pool_cancellation, nine_cancelled_in_reverse__none_waits_and_all_connections_are_there) {
    make_and_open({.min_size = 3, .max_size = 3});
    auto lent = take(3);
    std::vector<acquiring> waiting;
    for (int i = 0; i < 9; ++i)
        waiting.push_back(acquire());
    for (; !waiting.empty(); waiting.pop_back())
        waiting.back().cancel();
    EXPECT_EQ(pool->stats().waiting, 0U);
    lent.clear();
    EXPECT_EQ(pool->stats().idle, 3U);
}

TEST_F(pool_cancellation, oldest_given_up_at_the_moment_of_the_hand_over__next_one_gets_the_connection) {
    for (const bool destroyed : {true, false}) {
        make_and_open({.min_size = 1, .max_size = 1});
        auto lent = take();
        auto oldest = acquire();
        auto next = acquire();
        // Handed over, but the oldest has not run yet.
        lent.release();
        destroyed ? oldest.destroy() : oldest.cancel();
        world.settle();
        if (destroyed) {
            ASSERT_TRUE(next.done());
        } else {
            // Its wait was over before it was cancelled: it has the connection.
            ASSERT_TRUE(oldest.done());
            oldest.get().release();
            world.settle();
            ASSERT_TRUE(next.done());
        }
        next.get().release();
        expect_balance();
        pool.reset();
    }
}

TEST_F(pool_cancellation, acquired_and_never_collected__connection_comes_back) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto finished = acquire();
    ASSERT_TRUE(finished.done());
    finished.destroy();
    EXPECT_EQ(pool->stats().idle, 1U);
}

TEST_F(pool_cancellation, cancelled_during_connect__connect_finishes_and_goes_idle) {
    database->dials.connect = dial::slow(100ms);
    make({.min_size = 0, .max_size = 1});
    auto waiting = acquire();
    world.advance(10ms);
    waiting.cancel();
    EXPECT_TRUE(waiting.done());
    EXPECT_EQ(pool->stats().connecting, 1U);
    world.advance(100ms);
    EXPECT_EQ(pool->stats().idle, 1U);
}

TEST_F(pool_cancellation, cancelled_inside_the_check__connection_is_closed_not_lost) {
    make_and_open({.min_size = 1, .max_size = 1});
    world.advance(5s);
    database->dials.ping = dial::never();
    auto checking = acquire();
    EXPECT_FALSE(checking.done());
    EXPECT_EQ(pool->stats().lent, 1U);
    checking.cancel();
    ASSERT_TRUE(checking.done());
    EXPECT_THROW(static_cast<void>(checking.get()), wharf::cancelled);
    world.settle();
    EXPECT_EQ(pool->stats().lent, 0U);
    EXPECT_EQ(pool->stats().cancelled, 1U);
    EXPECT_EQ(pool->stats().acquired, 0U);
    database->dials.ping = dial::ok();
    EXPECT_TRUE(take());
}

TEST_F(pool_cancellation, destroyed_inside_the_check__connection_is_closed_not_lost) {
    make_and_open({.min_size = 1, .max_size = 1});
    world.advance(5s);
    database->dials.ping = dial::never();
    auto checking = acquire();
    checking.destroy();
    world.settle();
    EXPECT_EQ(pool->stats().closed.broken, 1U);
    EXPECT_TRUE(take());
}

TEST_F(pool_cancellation, pool_destroyed_while_acquires_wait__they_get_pool_closed) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    auto waiting = acquire();
    pool.reset();
    world.settle();
    ASSERT_TRUE(waiting.done());
    EXPECT_THROW(static_cast<void>(waiting.get()), wharf::pool_closed);
}

// Every phase working, failing, slow or hanging, and an acquire cancelled or destroyed at each of its suspensions: the
// counters balance and afterwards every slot can be had.
enum class ending { none, cancel, destroy };
constexpr const char* phase(int setting) {
    constexpr std::array phases{"works", "fails", "slow", "hangs"};
    return phases[static_cast<std::size_t>(setting)];
}

// Connecting and pinging by parameter, rolling back and closing each in turn.
class pool_gates : public wharf::test::pool_fixture, public testing::WithParamInterface<std::tuple<int, int>> {
protected:
    static dial setting(int which) {
        switch (which) {
        case 0:
            return dial::ok();
        case 1:
            return dial::fails(wharf::connect_failed("scripted"), 3ms);
        case 2:
            return dial::slow(7ms);
        default:
            return dial::never();
        }
    }
    void set_dials(int connect, int ping, int roll_back, int close) {
        database->dials.connect = setting(connect);
        database->dials.ping = setting(ping);
        database->dials.roll_back = setting(roll_back);
        database->dials.close = setting(close);
    }
    void give_up(acquiring& what, ending how) {
        if (how == ending::cancel && !what.done()) what.cancel();
        if (how == ending::destroy) what.destroy();
    }
    void acquire_and_give_up(ending how, int moment, int roll_back, int close) {
        set_dials(0, 0, 0, 0);
        auto warm = take();
        warm.core().begin();
        execute(warm, "INSERT");
        set_dials(std::get<0>(GetParam()), std::get<1>(GetParam()), roll_back, close);
        warm.release();
        std::vector<acquiring> all;
        for (int i = 0; i < 4; ++i)
            all.push_back(acquire(200ms));
        world.advance(moment * 1500us);
        for (auto& one : all)
            give_up(one, how);
        world.advance(20ms);
        expect_balance();
        all.clear(); // destroys what has not ended, and gives back what was acquired
        world.advance(400ms);
        expect_balance();
    }
};

TEST_P(pool_gates, acquires_given_up_at_every_moment__slots_are_recovered) {
    make({.min_size = 1,
          .max_size = 2,
          .max_overflow = 1,
          .connect_timeout = 50ms,
          .idle_timeout = 300ms,
          .validate_after_idle = 5ms,
          .ping_timeout = 50ms,
          .clean_up_timeout = 50ms,
          .close_timeout = 50ms});
    for (int roll_back = 0; roll_back < 4; ++roll_back) {
        for (int close = 0; close < 4; ++close) {
            SCOPED_TRACE(testing::Message() << "roll back " << phase(roll_back) << ", close " << phase(close));
            for (const auto how : {ending::none, ending::cancel, ending::destroy})
                for (int moment = 0; moment < 12; ++moment)
                    acquire_and_give_up(how, moment, roll_back, close);
            set_dials(0, 0, 0, 0);
            world.advance(10s);
            EXPECT_EQ(take(3).size(), 3U);
            EXPECT_LE(database->peak_open, 3);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(all, pool_gates, testing::Combine(testing::Range(0, 4), testing::Range(0, 4)),
                         [](const auto& each) {
                             return std::string("connect_") + phase(std::get<0>(each.param)) + "_ping_" +
                                    phase(std::get<1>(each.param));
                         });

} // namespace
