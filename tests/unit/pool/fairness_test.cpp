// Who gets a connection that comes back: in either order, nobody is forgotten.
#include "unit/pool/pool_fixture.hpp"

#include <algorithm>

namespace {

using namespace std::chrono_literals;
using wharf::lease;
using wharf::pool_fairness;

class pool_fairness_order : public wharf::test::pool_fixture {
protected:
    void make_one(pool_fairness how) { make_and_open({.min_size = 1, .max_size = 1, .fairness = how}); }
};

TEST_F(pool_fairness_order, throughput__whoever_comes_first_has_it_and_the_woken_one_waits_on) {
    make_one(pool_fairness::throughput);
    auto lent = take();
    auto waiting = acquire();
    lent.release();
    EXPECT_EQ(pool->stats().idle, 1U) << "the waiter is woken, and has not run yet";
    lent = pool->try_acquire_now();
    ASSERT_TRUE(lent);
    world.settle();
    EXPECT_FALSE(waiting.done());
    EXPECT_EQ(pool->stats().waiting, 1U);
    lent.release();
    world.settle();
    ASSERT_TRUE(waiting.done());
    EXPECT_EQ(pool->stats().waited, 1U);
}

TEST_F(pool_fairness_order, throughput_and_waited_for_a_millisecond__comes_before_all_others) {
    make_one(pool_fairness::throughput);
    auto lent = take();
    auto oldest = acquire();
    world.advance(999us);
    lent.release();
    lent = pool->try_acquire_now();
    EXPECT_TRUE(lent);
    world.advance(1us);
    auto younger = acquire();
    lent.release();
    EXPECT_FALSE(pool->try_acquire_now());
    EXPECT_EQ(pool->stats().idle, 0U) << "it was handed over";
    world.settle();
    EXPECT_TRUE(oldest.done());
    EXPECT_FALSE(younger.done());
}

TEST_F(pool_fairness_order, throughput_and_connection_idle_when_the_millisecond_is_over__newcomers_leave_it) {
    make_one(pool_fairness::throughput);
    auto lent = take();
    auto oldest = acquire();
    lent.release();
    world.pass(2ms); // the woken one does not run meanwhile
    EXPECT_FALSE(pool->try_acquire_now());
    auto newcomer = acquire();
    EXPECT_TRUE(oldest.done());
    EXPECT_FALSE(newcomer.done());
}

TEST_F(pool_fairness_order, woken_and_given_up__the_next_one_is_woken) {
    for (const bool destroyed : {true, false}) {
        make_one(pool_fairness::throughput);
        auto lent = take();
        auto oldest = acquire();
        auto next = acquire();
        lent.release();
        if (destroyed) {
            oldest.destroy();
        } else {
            oldest.cancel();
            ASSERT_TRUE(oldest.done());
            lent = oldest.get(); // it was woken before it was cancelled
            lent.release();
        }
        world.settle();
        ASSERT_TRUE(next.done());
        next.get().release();
        pool.reset();
    }
}

TEST_F(pool_fairness_order, woken_as_its_time_runs_out__takes_what_is_there) {
    make_one(pool_fairness::throughput);
    auto lent = take();
    auto oldest = acquire(500us);
    lent.release();
    world.pass(500us);
    world.settle();
    ASSERT_TRUE(oldest.done());
    EXPECT_TRUE(oldest.get());
}

TEST_F(pool_fairness_order, several_come_back_at_once__as_many_waiters_are_woken) {
    make_and_open({.min_size = 3, .max_size = 3});
    auto lent = take(3);
    std::vector<acquiring> waiting;
    for (int i = 0; i < 5; ++i)
        waiting.push_back(acquire());
    lent.clear();
    world.settle();
    EXPECT_EQ(std::count_if(waiting.begin(), waiting.end(), [](const auto& one) { return one.done(); }), 3);
    EXPECT_TRUE(waiting[0].done() && waiting[1].done() && waiting[2].done());
}

TEST_F(pool_fairness_order, borrowed_again_and_again_within_a_millisecond__needs_no_switch_to_a_waiter) {
    make_one(pool_fairness::throughput);
    auto lent = take();
    auto waiting = acquire();
    for (int i = 0; i < 100; ++i) {
        lent.release();
        lent = pool->try_acquire_now();
        ASSERT_TRUE(lent);
    }
    lent.release();
    world.settle();
    EXPECT_TRUE(waiting.done());
}

} // namespace
