// Acquire and release.
#include "unit/pool/pool_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using wharf::lease;
using wharf::pool_order;
using wharf::test::dial;

class pool_basics : public wharf::test::pool_fixture {};

wharf::io::op<void> borrow_for_10ms(wharf::pool_core& pool, wharf::test::virtual_world& world, int& served) {
    auto lent = co_await pool.acquire();
    const auto until = world.now() + 10ms;
    co_await wharf::io::sleep_until(until);
    ++served;
}

TEST_F(pool_basics, made__does_nothing) {
    make();
    world.advance(1min);
    EXPECT_EQ(database->connects, 0);
    EXPECT_EQ(pool->stats().limit, 10U);
}

TEST_F(pool_basics, opened__has_min_size_connections_before_the_first_request) {
    make_and_open({.min_size = 2, .max_size = 10});
    EXPECT_EQ(database->open, 2);
    EXPECT_EQ(pool->stats().idle, 2U);
    EXPECT_EQ(pool->stats().opened, 2U);
}

TEST_F(pool_basics, two_borrowers_in_turn__second_reuses_the_firsts_connection) {
    make_and_open({.min_size = 2, .max_size = 10});
    auto first = take();
    const int connection = number(first);
    first.release();
    auto second = take();
    EXPECT_EQ(number(second), connection);
    EXPECT_EQ(pool->stats().reused, 1U);
    EXPECT_EQ(pool->stats().acquired, 2U);
    EXPECT_EQ(database->connects, 2);
}

TEST_F(pool_basics, first_acquire_without_open__opens_min_size_too) {
    make({.min_size = 3});
    auto lent = take();
    EXPECT_EQ(database->connects, 3);
    EXPECT_EQ(pool->stats().idle, 2U);
    EXPECT_EQ(pool->stats().lent, 1U);
}

TEST_F(pool_basics, try_acquire__serves_only_what_is_idle) {
    make({.min_size = 1, .max_size = 1});
    EXPECT_FALSE(pool->try_acquire_now());
    take().release();
    auto lent = pool->try_acquire_now();
    EXPECT_TRUE(lent);
    EXPECT_FALSE(pool->try_acquire_now());
}

TEST_F(pool_basics, released_twice__is_queued_once) {
    make_and_open({.min_size = 1});
    auto lent = take();
    lent.release();
    lent.release();
    EXPECT_FALSE(lent);
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().released, 1U);
}

TEST_F(pool_basics, used_after_release__is_refused_clearly) {
    make_and_open({.min_size = 1});
    auto lent = take();
    const auto use = lent.use();
    const auto link = lent.link();
    EXPECT_EQ(&use.core(), &lent.core());
    EXPECT_EQ(link.get(), &lent.core());
    lent.release();
    EXPECT_THROW(static_cast<void>(lent.core()), wharf::usage_error);
    EXPECT_THROW(static_cast<void>(use.core()), wharf::usage_error);
    EXPECT_EQ(link.get(), nullptr);
    auto next = take();
    EXPECT_THROW(static_cast<void>(use.core()), wharf::usage_error) << "it is somebody else's now";
    EXPECT_EQ(link.get(), nullptr);
}

TEST_F(pool_basics, lease_moved__is_returned_once) {
    make_and_open({.min_size = 1});
    {
        auto lent = take();
        auto other = std::move(lent);
        EXPECT_FALSE(lent);
        lent = std::move(other);
        EXPECT_TRUE(lent);
    }
    EXPECT_EQ(pool->stats().released, 1U);
}

TEST_F(pool_basics, lifo__returned_last_comes_first) {
    make_and_open({.min_size = 3, .max_size = 3});
    auto lent = take(3);
    const int last = number(lent[1]);
    lent[0].release();
    lent[2].release();
    lent[1].release();
    EXPECT_EQ(number(take()), last);
}

TEST_F(pool_basics, connection_that_nobody_has_used__comes_behind_those_that_are_warm) {
    make_and_open({.min_size = 1, .max_size = 2});
    database->dials.connect = dial::slow(50ms);
    auto lent = take();
    const int warm = number(lent);
    int served = 0;
    const auto waits = world.start(borrow_for_10ms(*pool, world, served)); // so another one is opened
    lent.release();
    world.advance(100ms);
    ASSERT_EQ(served, 1);
    ASSERT_EQ(pool->stats().idle, 2U);
    EXPECT_EQ(number(take()), warm);
    auto both = take(2);
    EXPECT_EQ(number(both[0]), warm);
}

TEST_F(pool_basics, fifo__connections_are_used_evenly) {
    make_and_open({.min_size = 4, .max_size = 4, .order = pool_order::fifo});
    std::map<int, int> uses;
    for (int i = 0; i < 8; ++i)
        ++uses[number(take())];
    EXPECT_THAT(uses, testing::Each(testing::Field(&std::pair<const int, int>::second, 2)));
    EXPECT_EQ(uses.size(), 4U);
}

TEST_F(pool_basics, connection_used__is_reset_before_the_next_borrower) {
    make_and_open({.min_size = 1});
    take().release();
    EXPECT_EQ(database->resets, 0) << "nothing ran on it";
    auto lent = take();
    execute(lent, "SET x = 1");
    lent.release();
    EXPECT_EQ(database->resets, 1);
    EXPECT_EQ(pool->stats().resets, 1U);
}

TEST_F(pool_basics, reset_none__is_not_reset) {
    make_and_open({.min_size = 1, .reset = wharf::pool_reset::none});
    auto lent = take();
    execute(lent, "SET x = 1");
    lent.release();
    world.advance(100ms);
    EXPECT_EQ(database->resets + database->undone, 0);
}

TEST_F(pool_basics, returned_in_transaction__is_rolled_back_before_it_is_idle) {
    database->dials.roll_back = dial::slow(100ms);
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    const int connection = number(lent);
    lent.core().begin();
    execute(lent, "INSERT");
    lent.release();
    EXPECT_EQ(pool->stats().cleaning, 1U);
    EXPECT_EQ(pool->stats().idle, 0U);
    EXPECT_FALSE(pool->try_acquire_now());
    world.advance(100ms);
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().cleaned, 1U);
    EXPECT_EQ(database->rules->batches.back(), std::vector<std::string>{"ROLLBACK"});
    EXPECT_EQ(database->resets, 1);
    EXPECT_EQ(number(take()), connection);
}

TEST_F(pool_basics, transaction_begun_and_nothing_run__needs_no_clean_up) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    lent.core().begin();
    lent.release();
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_FALSE(take().core().in_transaction());
    EXPECT_TRUE(database->rules->batches.empty());
}

TEST_F(pool_basics, clean_up_fails_or_hangs__connection_is_replaced) {
    make_and_open({.min_size = 1, .max_size = 1});
    for (const auto& setting : {dial::fails(wharf::connection_lost("gone")), dial::never()}) {
        database->dials.roll_back = dial::ok();
        auto lent = take();
        const int connection = number(lent);
        lent.core().begin();
        execute(lent, "INSERT");
        database->dials.roll_back = setting;
        lent.release();
        world.advance(6s);
        EXPECT_NE(number(take()), connection);
    }
    EXPECT_EQ(pool->stats().closed.broken, 2U);
    EXPECT_EQ(pool->stats().cleaned, 0U);
}

TEST_F(pool_basics, released_while_an_op_runs_on_it__connection_leaves_the_pool_and_the_op_ends_in_peace) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    const auto use = std::make_unique<wharf::lease_use>(lent.use());
    database->rules->park_once = true;
    auto running = world.start(use->core().run_one("SELECT", {}));
    lent.release();
    world.settle();
    EXPECT_EQ(pool->stats().closed.broken, 1U);
    EXPECT_EQ(database->open, 2) << "the replacement, and the one that the op holds";
    running.destroy();
}

TEST_F(pool_basics, largest_max_size__reserves_nothing) {
    make({.max_size = 2147483647});
    EXPECT_TRUE(take());
}

TEST_F(pool_basics, hundred_workers_on_ten_connections__all_are_served_and_ten_are_open) {
    make({.min_size = 2, .max_size = 10});
    int served = 0;
    std::vector<wharf::test::virtual_world::running<void>> workers;
    for (int i = 0; i < 100; ++i)
        workers.push_back(world.start(borrow_for_10ms(*pool, world, served)));
    world.advance(1s);
    EXPECT_EQ(served, 100);
    EXPECT_LE(database->peak_open, 10);
    EXPECT_EQ(pool->stats().peak_lent, 10U);
}

} // namespace
