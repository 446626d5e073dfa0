// Settings, opening, closing, the end.
#include "unit/pool/pool_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using wharf::lease;
using wharf::test::dial;

class pool_lifecycle : public wharf::test::pool_fixture {
protected:
    std::string refusal(const wharf::pool_options& options) {
        try {
            make(options);
        } catch (const wharf::configuration_error& error) {
            return error.what();
        }
        return "accepted";
    }
};

TEST_F(pool_lifecycle, settings_that_cannot_work__are_refused_by_name_value_and_floor) {
    EXPECT_EQ(refusal({.max_size = 0}), "pool setting max_size is 0; it must be at least 1");
    EXPECT_EQ(refusal({.min_size = 5, .max_size = 4}),
              "pool setting min_size is 5; it must be at most 4, the max_size");
    EXPECT_THAT(refusal({.max_size = static_cast<std::size_t>(-1)}), HasSubstr("at most 2147483647"));
    EXPECT_EQ(refusal({.max_connecting = 0}), "pool setting max_connecting is 0; it must be at least 1");
    EXPECT_EQ(refusal({.acquire_timeout = -1ms}), "pool setting acquire_timeout is -1 ms; it must be 0 s or more");
    EXPECT_EQ(refusal({.connect_timeout = 0s}), "pool setting connect_timeout is 0 ms; it must be more than 0 s");
    EXPECT_THAT(refusal({.lifetime_jitter = 1.5}), HasSubstr("lifetime_jitter is 1.5"));
    EXPECT_THAT(refusal({.max_waiting = 0}), HasSubstr("max_waiting"));
    EXPECT_THAT(refusal({.idle_timeout = -1s}), HasSubstr("idle_timeout is -1 s"));
    EXPECT_THAT(refusal({.ping_timeout = 0s}), HasSubstr("ping_timeout"));
}

TEST_F(pool_lifecycle, min_size_left_out__fits_max_size) {
    make({.max_size = 1});
    EXPECT_EQ(pool->options().min_size, 1U);
    make({});
    EXPECT_EQ(pool->options().min_size, 2U);
}

TEST_F(pool_lifecycle, database_in_memory__its_one_connection_is_kept) {
    database->limit = 1;
    make_and_open({.min_size = 0, .max_size = 5, .idle_timeout = 1min, .max_lifetime = 1min, .max_uses = 1});
    take().release();
    world.advance(24h);
    EXPECT_EQ(pool->stats().closed.total(), 0U);
}

TEST_F(pool_lifecycle, closed__idle_connections_end_and_acquires_are_refused) {
    make_and_open({.min_size = 3});
    auto closing = world.start(pool->close());
    ASSERT_TRUE(closing.done());
    EXPECT_EQ(database->open, 0);
    EXPECT_EQ(database->closes, 3);
    EXPECT_EQ(pool->stats().closed.shut_down, 3U);
    auto late = acquire();
    ASSERT_TRUE(late.done());
    EXPECT_THROW(static_cast<void>(late.get()), wharf::pool_closed);
    auto reopened = world.start(pool->open());
    ASSERT_TRUE(reopened.done());
    EXPECT_THROW(reopened.get(), wharf::pool_closed);
}

TEST_F(pool_lifecycle, closed_with_leases_out__waits_for_them_and_waiters_get_pool_closed_at_once) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    auto waiting = acquire();
    auto closing = world.start(pool->close());
    ASSERT_TRUE(waiting.done());
    EXPECT_THROW(static_cast<void>(waiting.get()), wharf::pool_closed);
    world.advance(3s);
    EXPECT_FALSE(closing.done());
    lent.release();
    world.settle();
    EXPECT_TRUE(closing.done());
    EXPECT_EQ(database->open, 0);
}

TEST_F(pool_lifecycle, lease_stays_out__close_terminates_it_at_its_time_out_and_says_so) {
    make_and_open({.min_size = 2, .max_size = 2, .close_timeout = 2s});
    auto lent = take();
    world.advance(3s);
    auto closing = world.start(pool->close());
    world.advance(2s);
    ASSERT_TRUE(closing.done());
    EXPECT_EQ(database->terminations, 1);
    EXPECT_FALSE(lent.core().usable());
    try {
        closing.get();
        FAIL();
    } catch (const wharf::timed_out& error) {
        EXPECT_STREQ(error.what(), "closing the pool waited in vain for 1 connection, which has been terminated; the "
                                   "longest holder has had its connection for 5 s");
    }
    lent.release();
    world.settle();
    EXPECT_EQ(database->open, 0);
    auto again = world.start(pool->close());
    ASSERT_TRUE(again.done());
    EXPECT_NO_THROW(again.get());
}

TEST_F(pool_lifecycle, closed_twice_and_at_once__both_end) {
    database->dials.close = dial::slow(1s);
    make_and_open({.min_size = 2});
    auto first = world.start(pool->close());
    auto second = world.start(pool->close());
    EXPECT_FALSE(first.done());
    world.advance(1s);
    EXPECT_TRUE(first.done() && second.done());
    auto third = world.start(pool->close());
    EXPECT_TRUE(third.done());
}

TEST_F(pool_lifecycle, closing_hangs__ends_by_force_at_close_timeout) {
    database->dials.close = dial::never();
    make_and_open({.min_size = 2, .close_timeout = 3s});
    auto closing = world.start(pool->close());
    world.advance(3s);
    EXPECT_TRUE(closing.done());
    EXPECT_EQ(database->open, 0);
}

TEST_F(pool_lifecycle, closed_before_it_was_opened__is_harmless) {
    make();
    auto closing = world.start(pool->close());
    EXPECT_TRUE(closing.done());
    EXPECT_EQ(database->connects, 0);
}

TEST_F(pool_lifecycle, closed_while_connecting__the_connection_is_closed_when_it_comes) {
    database->dials.connect = dial::slow(1s);
    make({.min_size = 1});
    auto opening = world.start(pool->open());
    auto closing = world.start(pool->close());
    EXPECT_TRUE(closing.done()) << "it need not wait for what nobody wants";
    ASSERT_TRUE(opening.done());
    EXPECT_THROW(opening.get(), wharf::pool_closed);
    world.advance(1s);
    EXPECT_EQ(database->open, 0);
    EXPECT_EQ(pool->stats().closed.shut_down, 1U);
}

TEST_F(pool_lifecycle, returned_in_transaction_after_close__is_closed) {
    make_and_open({.min_size = 1, .close_timeout = 0s});
    auto lent = take();
    lent.core().begin();
    execute(lent, "INSERT");
    auto closing = world.start(pool->close());
    ASSERT_TRUE(closing.done());
    EXPECT_THROW(closing.get(), wharf::timed_out);
    lent.release();
    world.settle();
    EXPECT_EQ(database->open, 0);
}

TEST_F(pool_lifecycle, destroyed_while_it_is_closed__close_ends_with_the_last_lease) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    auto closing = world.start(pool->close());
    pool.reset();
    lent.release();
    world.settle();
    EXPECT_TRUE(closing.done());
}

TEST_F(pool_lifecycle, destroyed_while_an_acquire_checks__leaves_nothing) {
    make_and_open({.min_size = 1, .max_size = 1});
    world.advance(5s);
    database->dials.ping = dial::never();
    auto checking = acquire();
    pool.reset();
    world.advance(3s);
    ASSERT_TRUE(checking.done());
    EXPECT_THROW(static_cast<void>(checking.get()), wharf::pool_closed);
    EXPECT_EQ(database->open, 0);
    EXPECT_EQ(world.running_count(), 0U);
}

TEST_F(pool_lifecycle, lease_outlives_the_pool__and_ends_its_connection) {
    make_and_open({.min_size = 2, .max_size = 2});
    auto first = take();
    auto second = take();
    pool.reset();
    execute(first, "SELECT");
    EXPECT_EQ(database->open, 2);
    first.release();
    EXPECT_EQ(database->open, 1);
    second.release();
    EXPECT_EQ(database->open, 0);
    EXPECT_EQ(world.running_count(), 0U);
}

TEST_F(pool_lifecycle, destroyed_in_the_middle_of_everything__leaves_nothing) {
    make_and_open({.min_size = 3, .max_size = 6});
    auto lent = take(3);
    lent[0].core().begin();
    execute(lent[0], "INSERT");
    database->dials.roll_back = database->dials.connect = database->dials.close = dial::never();
    auto waiting = acquire();
    lent[0].release();
    driver_of(lent[1]).break_it();
    lent[1].release();
    world.settle();
    EXPECT_EQ(pool->stats().cleaning, 1U);
    EXPECT_EQ(pool->stats().closing, 1U);
    EXPECT_GE(pool->stats().connecting, 1U);
    lent.clear();
    pool.reset();
    waiting.destroy();
    EXPECT_EQ(database->open, 0);
    EXPECT_EQ(world.running_count(), 0U);
}

TEST_F(pool_lifecycle, after_fork__child_is_refused_and_touches_nothing) {
    make_and_open({.min_size = 2, .max_size = 2});
    auto lent = take();
    const pid_t child = ::fork();
    if (child == 0) {
        int verdict = pool->try_acquire_now() ? 1 : 0;
        auto waiting = acquire();
        try {
            static_cast<void>(waiting.get());
            verdict |= 2;
        } catch (const wharf::usage_error&) {
        } catch (...) {
            verdict |= 4;
        }
        const int open = database->open;
        lent.release();
        pool.reset();
        if (database->open != open) verdict |= 8;
        ::_exit(verdict);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(take());
}

} // namespace
