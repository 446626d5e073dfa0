// Waiting in line: order, limits, time-outs.
#include "unit/pool/pool_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using wharf::lease;
using wharf::test::dial;

class pool_waiting : public wharf::test::pool_fixture {};

TEST_F(pool_waiting, fifo__connection_returned_goes_to_the_oldest_waiter_at_once) {
    make_and_open({.min_size = 1, .max_size = 1, .fairness = wharf::pool_fairness::fifo});
    auto lent = take();
    const int connection = number(lent);
    auto oldest = acquire();
    auto younger = acquire();
    EXPECT_EQ(pool->stats().waiting, 2U);
    lent.release();
    EXPECT_FALSE(pool->try_acquire_now()) << "nobody may barge in";
    world.settle();
    ASSERT_TRUE(oldest.done());
    EXPECT_FALSE(younger.done());
    lent = oldest.get();
    EXPECT_EQ(number(lent), connection);
    lent.release();
    world.settle();
    EXPECT_TRUE(younger.done());
    EXPECT_EQ(pool->stats().waited, 2U);
    EXPECT_EQ(pool->stats().peak_waiting, 2U);
}

TEST_F(pool_waiting, time_out__comes_at_the_moment_and_not_before) {
    make_and_open({.min_size = 1, .max_size = 1, .acquire_timeout = 500ms});
    auto lent = take();
    auto waiting = acquire();
    world.advance(499ms);
    EXPECT_FALSE(waiting.done());
    world.advance(1ms);
    ASSERT_TRUE(waiting.done());
    EXPECT_THROW(static_cast<void>(waiting.get()), wharf::acquire_timeout);
    EXPECT_EQ(pool->stats().timeouts, 1U);
    EXPECT_EQ(pool->stats().waiting, 0U);
}

TEST_F(pool_waiting, deadline_of_the_call__wins_over_acquire_timeout) {
    make_and_open({.min_size = 1, .max_size = 1, .acquire_timeout = 500ms});
    auto lent = take();
    auto hasty = acquire(100ms);
    auto patient = acquire(2s);
    world.advance(100ms);
    EXPECT_TRUE(hasty.done());
    world.advance(1s);
    EXPECT_FALSE(patient.done());
    lent.release();
    world.settle();
    EXPECT_TRUE(patient.done());
    EXPECT_THROW(static_cast<void>(hasty.get()), wharf::acquire_timeout);
}

TEST_F(pool_waiting, time_out__message_describes_the_pool) {
    make_and_open({.min_size = 2, .max_size = 2, .acquire_timeout = 5s});
    auto first = take();
    world.advance(7s);
    auto second = take();
    auto waiting = acquire();
    auto other = acquire();
    world.advance(5s);
    const auto text = message_of<wharf::acquire_timeout>(waiting);
    EXPECT_THAT(text, HasSubstr("within 5 s"));
    EXPECT_THAT(text, HasSubstr("of at most 2 connections 2 exist: 0 idle, 2 lent"));
    EXPECT_THAT(text, HasSubstr("2 acquires wait"));
    EXPECT_THAT(text, HasSubstr("longest holder has had its connection for 12 s"));
    EXPECT_THAT(text, HasSubstr("raise max_size"));
}

TEST_F(pool_waiting, time_out_after_failed_checks__counts_from_the_start_and_names_them) {
    make_and_open({.min_size = 1, .max_size = 1, .acquire_timeout = 5s, .ping_timeout = 2s});
    world.advance(10s);
    database->dials.ping = database->dials.connect = dial::never();
    auto waiting = acquire();
    world.advance(5s);
    ASSERT_TRUE(waiting.done());
    const auto text = message_of<wharf::acquire_timeout>(waiting);
    EXPECT_THAT(text, HasSubstr("within 5 s"));
    EXPECT_THAT(text, HasSubstr("1 idle connection did not answer when checked"));
    EXPECT_THAT(text, HasSubstr("a connect has been under way for 3 s"));
}

TEST_F(pool_waiting, time_out_in_the_middle_of_a_check__ends_that_connection_and_no_other) {
    make_and_open({.min_size = 3, .max_size = 3, .ping_timeout = 2s});
    world.advance(10s);
    database->dials.ping = dial::never();
    auto hasty = acquire(1s);
    world.advance(999ms);
    database->dials.ping = dial::ok();
    world.advance(1ms);
    ASSERT_TRUE(hasty.done());
    EXPECT_THAT(message_of<wharf::acquire_timeout>(hasty), HasSubstr("within 1 s"));
    EXPECT_EQ(pool->stats().closed.check_failed, 1U);
    EXPECT_EQ(pool->stats().timeouts, 1U);
    EXPECT_EQ(pool->stats().acquired, 0U);
}

TEST_F(pool_waiting, timed_out_waiter__never_receives_a_connection) {
    make_and_open({.min_size = 2, .max_size = 2});
    auto lent = take(2);
    auto dead = acquire(100ms);
    auto alive = acquire();
    world.advance(150ms);
    lent.clear();
    world.settle();
    EXPECT_TRUE(alive.done());
    EXPECT_THROW(static_cast<void>(dead.get()), wharf::acquire_timeout);
    alive.get().release();
    EXPECT_EQ(pool->stats().idle, 2U);
}

TEST_F(pool_waiting, no_time_to_wait__fails_at_once_and_the_connection_comes_anyway) {
    database->dials.connect = dial::slow(50ms);
    make({.min_size = 0, .max_size = 1, .acquire_timeout = 0s});
    auto hasty = acquire();
    ASSERT_TRUE(hasty.done());
    EXPECT_THROW(static_cast<void>(hasty.get()), wharf::acquire_timeout);
    world.advance(50ms);
    EXPECT_EQ(pool->stats().idle, 1U);
}

TEST_F(pool_waiting, max_waiting_reached__one_more_fails_at_once) {
    make_and_open({.min_size = 1, .max_size = 1, .max_waiting = 2});
    auto lent = take();
    auto first = acquire();
    auto second = acquire();
    auto third = acquire();
    ASSERT_TRUE(third.done());
    EXPECT_THAT(message_of<wharf::too_many_waiting>(third), HasSubstr("2 acquires wait already (max_waiting)"));
    EXPECT_EQ(pool->stats().rejected, 1U);
    EXPECT_FALSE(first.done() || second.done());
}

TEST_F(pool_waiting, overflow__is_opened_when_needed_and_closed_on_return) {
    make_and_open({.min_size = 1, .max_size = 2, .max_overflow = 1});
    auto lent = take(3);
    auto fourth = acquire();
    EXPECT_FALSE(fourth.done());
    EXPECT_EQ(database->open, 3);
    lent.pop_back();
    world.settle();
    ASSERT_TRUE(fourth.done()) << "somebody waited";
    fourth.get().release();
    world.settle();
    EXPECT_EQ(database->open, 2);
    EXPECT_EQ(pool->stats().closed.overflow, 1U);
    lent.clear();
    world.settle();
    EXPECT_EQ(pool->stats().idle, 2U);
}

TEST_F(pool_waiting, limit_of_the_database__is_kept) {
    database->limit = 1;
    make({.max_size = 10, .max_overflow = 5});
    EXPECT_EQ(pool->stats().limit, 1U);
    auto lent = take();
    auto second = acquire();
    world.advance(1s);
    EXPECT_FALSE(second.done());
    EXPECT_EQ(database->connects, 1);
}

TEST_F(pool_waiting, closing_connection__counts_until_it_has_closed) {
    database->dials.close = dial::slow(300ms);
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    driver_of(lent).break_it();
    lent.release();
    auto waiting = acquire();
    world.advance(200ms);
    EXPECT_EQ(pool->stats().closing, 1U);
    EXPECT_EQ(database->open, 1) << "no second connection before the first has ended";
    world.advance(100ms);
    EXPECT_TRUE(waiting.done());
    EXPECT_EQ(database->peak_open, 1);
}

TEST_F(pool_waiting, max_uses_reached__waiter_gets_a_fresh_connection) {
    make_and_open({.min_size = 1, .max_size = 1, .max_uses = 1});
    auto lent = take();
    const int connection = number(lent);
    auto waiting = acquire();
    lent.release();
    ASSERT_TRUE(world.run_until_done(waiting));
    EXPECT_NE(number(waiting.get()), connection);
    EXPECT_EQ(pool->stats().closed.uses, 1U);
}

wharf::io::op<void> borrow_many_times(wharf::pool_core& pool, int times, int& inside, int& most, int& done) {
    for (; times > 0; --times) {
        auto lent = co_await pool.acquire();
        most = std::max(most, ++inside);
        co_await lent.core().underlying().ping();
        --inside;
        ++done;
    }
}

TEST_F(pool_waiting, ten_thousand_uses_of_one_connection__are_serialised) {
    make_and_open({.min_size = 1, .max_size = 1});
    int inside = 0, most = 0, done = 0;
    database->dials.ping = dial::slow(1us);
    std::vector<wharf::test::virtual_world::running<void>> workers;
    for (int i = 0; i < 10; ++i)
        workers.push_back(world.start(borrow_many_times(*pool, 1000, inside, most, done)));
    world.advance(1s);
    EXPECT_EQ(done, 10'000);
    EXPECT_EQ(most, 1);
    EXPECT_EQ(database->connects, 1);
}

} // namespace
