// Checks, idle limits, lifetimes.
#include "unit/pool/pool_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using wharf::lease;
using wharf::test::dial;

class pool_health : public wharf::test::pool_fixture {};

TEST_F(pool_health, used_recently__is_not_checked_and_idle_longer_is) {
    make_and_open({.min_size = 1, .max_size = 1, .validate_after_idle = 1s});
    take().release();
    world.advance(900ms);
    take().release();
    EXPECT_EQ(database->pings, 0);
    world.advance(1100ms);
    EXPECT_FALSE(pool->try_acquire_now()) << "it needs a check";
    take().release();
    EXPECT_EQ(database->pings, 1);
    EXPECT_EQ(pool->stats().checks, 1U);
}

TEST_F(pool_health, handed_over__is_not_checked) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    auto waiting = acquire();
    world.advance(10s);
    lent.release();
    world.settle();
    ASSERT_TRUE(waiting.done());
    EXPECT_EQ(database->pings, 0);
}

TEST_F(pool_health, check_fails_or_hangs__borrower_gets_another_connection) {
    for (const auto& setting : {dial::fails(wharf::connection_lost("gone")), dial::never()}) {
        make_and_open({.min_size = 1, .max_size = 1, .ping_timeout = 2s});
        world.advance(5s);
        database->dials.ping = setting;
        const auto connects = database->connects.load();
        auto lent = take();
        EXPECT_EQ(database->connects, connects + 1);
        EXPECT_EQ(pool->stats().closed.check_failed, 1U);
        EXPECT_EQ(pool->stats().acquired, 1U);
        EXPECT_EQ(pool->stats().reused, 0U);
        lent.release();
        world.settle();
        pool.reset();
        database->dials.ping = dial::ok();
    }
}

TEST_F(pool_health, whole_pool_dead__each_is_found_out_in_one_acquire) {
    make_and_open({.min_size = 4, .max_size = 4});
    world.advance(5s);
    database->dials.ping = dial::fails(wharf::connection_lost("server restarted"));
    EXPECT_TRUE(take());
    EXPECT_EQ(pool->stats().closed.check_failed, 4U);
}

TEST_F(pool_health, one_check_fails__all_that_were_idle_for_as_long_are_checked_together) {
    make_and_open({.min_size = 10, .max_size = 10, .ping_timeout = 2s});
    auto used = take();
    world.advance(5s);
    used.release();
    world.advance(2s);
    auto newest = acquire(); // lifo: the one that was used last answers
    ASSERT_TRUE(newest.done());
    auto kept = newest.get();
    database->dials.ping = dial::never();
    auto waiting = acquire();
    world.advance(2s);
    EXPECT_EQ(pool->stats().cleaning, 8U) << "all the others are asked now";
    EXPECT_EQ(pool->stats().idle + pool->stats().lent, 2U) << "the kept one, and the new one";
    EXPECT_TRUE(waiting.done());
    world.advance(2s);
    EXPECT_EQ(pool->stats().closed.check_failed, 9U);
    EXPECT_EQ(pool->stats().idle + pool->stats().lent, 10U) << "the floor is filled again";
}

TEST_F(pool_health, suspect_that_answers__is_idle_again) {
    make_and_open({.min_size = 3, .max_size = 3});
    world.advance(5s);
    database->dials.ping = dial::fails(wharf::connection_lost("cut"), 10ms);
    auto waiting = acquire();
    world.advance(9ms);
    database->dials.ping = dial::slow(10ms);
    world.advance(1ms);
    EXPECT_TRUE(waiting.done());
    EXPECT_EQ(pool->stats().cleaning, 2U);
    world.advance(10ms);
    EXPECT_EQ(pool->stats().closed.check_failed, 1U);
    EXPECT_EQ(pool->stats().idle, 2U);
}

TEST_F(pool_health, broken_while_lent__is_replaced) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    const int connection = number(lent);
    driver_of(lent).break_it();
    lent.release();
    EXPECT_NE(number(take()), connection);
    EXPECT_EQ(pool->stats().closed.broken, 1U);
    EXPECT_EQ(database->closes, 1);
}

TEST_F(pool_health, broken_while_idle__is_never_lent) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    auto& driver = driver_of(lent);
    const int connection = driver.number();
    lent.release();
    driver.break_it();
    EXPECT_FALSE(pool->try_acquire_now());
    EXPECT_NE(number(take()), connection);
}

TEST_F(pool_health, ended_by_the_server_while_idle__is_replaced_without_a_check) {
    make_and_open({.min_size = 2, .max_size = 2, .validate_after_idle = 1h});
    {
        auto both = take(2);
        for (const auto& lent : both)
            driver_of(lent).ended_by_server();
    }
    world.advance(1ms);
    EXPECT_FALSE(pool->try_acquire_now()) << "both are gone";
    EXPECT_GT(number(take()), 2);
    const auto stats = pool->stats();
    EXPECT_EQ(stats.closed.check_failed, 2U);
    EXPECT_EQ(stats.acquired, 3U);
    EXPECT_EQ(stats.checks, 0U);
    EXPECT_EQ(database->pings, 0);
}

TEST_F(pool_health, ended_by_the_server_while_it_was_held_unused__is_not_handed_over) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    auto waiting = acquire();
    driver_of(lent).ended_by_server();
    world.advance(1ms);
    lent.release();
    ASSERT_TRUE(world.run_until_done(waiting));
    EXPECT_EQ(number(waiting.get()), 2);
}

TEST_F(pool_health, lent_again_and_again__is_looked_at_once_in_a_millisecond) {
    make_and_open({.min_size = 1, .max_size = 1});
    for (int i = 0; i < 100; ++i)
        take().release();
    EXPECT_EQ(database->looks, 0) << "it has just been opened";
    for (int moments = 1; moments <= 3; ++moments) {
        world.advance(1ms);
        for (int i = 0; i < 100; ++i)
            take().release();
        EXPECT_EQ(database->looks, moments);
    }
}

TEST_F(pool_health, checked__need_not_be_looked_at) {
    make_and_open({.min_size = 1, .max_size = 1, .validate_after_idle = 1s});
    world.advance(5s);
    take().release();
    EXPECT_EQ(database->pings, 1);
    EXPECT_EQ(database->looks, 0);
}

TEST_F(pool_health, idle_longer_than_the_limit__is_closed_but_never_below_the_floor) {
    make_and_open({.min_size = 2, .max_size = 6, .idle_timeout = 1min});
    take(6).clear();
    EXPECT_EQ(pool->stats().idle, 6U);
    world.advance(59s);
    EXPECT_EQ(pool->stats().idle, 6U);
    world.advance(2s);
    EXPECT_EQ(pool->stats().idle, 2U);
    EXPECT_EQ(pool->stats().closed.idle, 4U);
    world.advance(1h);
    EXPECT_EQ(pool->stats().idle, 2U);
    EXPECT_LT(world.running_count(), 3U);
}

TEST_F(pool_health, idle_time__counts_from_the_return) {
    make_and_open({.min_size = 0, .max_size = 1, .idle_timeout = 1min});
    auto lent = take();
    world.advance(10min);
    lent.release();
    world.advance(59s);
    EXPECT_EQ(pool->stats().idle, 1U);
    world.advance(62s);
    EXPECT_EQ(pool->stats().idle, 0U);
}

TEST_F(pool_health, idle_timeout_zero__is_never) {
    make_and_open({.min_size = 0, .max_size = 1, .idle_timeout = 0s, .max_lifetime = 0s});
    take().release();
    world.advance(100h);
    EXPECT_EQ(pool->stats().idle, 1U);
}

TEST_F(pool_health, older_than_its_lifetime__is_replaced_while_idle_with_the_new_one_first) {
    database->dials.connect = dial::slow(1s);
    make_and_open({.min_size = 1, .max_size = 2, .max_lifetime = 10min, .lifetime_jitter = 0});
    world.advance(10min);
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().connecting, 1U);
    EXPECT_EQ(pool->stats().closed.lifetime, 0U) << "not before its replacement is open";
    world.advance(1s);
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().closed.lifetime, 1U);
    EXPECT_EQ(pool->stats().opened, 2U);
}

TEST_F(pool_health, older_than_its_lifetime_and_no_room__is_closed_first) {
    make_and_open({.min_size = 1, .max_size = 1, .max_lifetime = 10min, .lifetime_jitter = 0});
    world.advance(10min);
    EXPECT_EQ(pool->stats().closed.lifetime, 1U);
    EXPECT_EQ(pool->stats().opened, 2U);
    EXPECT_EQ(database->peak_open, 1);
}

TEST_F(pool_health, lifetime_over_while_lent__is_closed_on_return) {
    make_and_open({.min_size = 1, .max_size = 1, .max_lifetime = 10min, .lifetime_jitter = 0});
    auto lent = take();
    world.advance(11min);
    EXPECT_EQ(pool->stats().closed.lifetime, 0U);
    lent.release();
    world.settle();
    EXPECT_EQ(pool->stats().closed.lifetime, 1U);
    EXPECT_EQ(pool->stats().idle, 1U);
}

TEST_F(pool_health, lifetimes__differ) {
    make_and_open({.min_size = 32,
                   .max_size = 32,
                   .max_connecting = 32,
                   .idle_timeout = 0s,
                   .max_lifetime = 100min,
                   .lifetime_jitter = 0.5});
    world.advance(50min);
    EXPECT_EQ(pool->stats().closed.lifetime, 0U);
    world.advance(25min);
    const auto half = pool->stats().closed.lifetime;
    EXPECT_LT(half, 32U);
    world.advance(25min);
    EXPECT_GE(pool->stats().closed.lifetime, 32U);
}

TEST_F(pool_health, nothing_to_do__pool_sleeps) {
    make_and_open({.min_size = 2, .max_size = 2, .idle_timeout = 10min, .max_lifetime = 0s});
    const auto before = pool->stats();
    world.advance(24h);
    const auto after = pool->stats();
    EXPECT_EQ(after.opened, before.opened);
    EXPECT_EQ(after.closed.total(), 0U);
}

} // namespace
