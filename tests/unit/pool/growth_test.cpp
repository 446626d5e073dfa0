// Opening connections: how many, when, and what happens when they fail.
#include "unit/pool/pool_fixture.hpp"
#include "wharf/base/database_error.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using wharf::lease;
using wharf::test::dial;

class pool_growth : public wharf::test::pool_fixture {
protected:
    static wharf::database_error server_said(std::string sqlstate) {
        wharf::diagnostic fields;
        fields.severity = "FATAL";
        fields.sqlstate = std::move(sqlstate);
        fields.message = "scripted";
        return wharf::database_error(std::move(fields));
    }
};

TEST_F(pool_growth, as_many_as_wait_and_no_more) {
    database->dials.connect = dial::slow(100ms);
    make({.min_size = 0, .max_size = 10, .max_connecting = 10});
    auto first = acquire();
    EXPECT_EQ(pool->stats().connecting, 1U);
    auto second = acquire();
    auto third = acquire();
    EXPECT_EQ(pool->stats().connecting, 3U);
    world.advance(100ms);
    EXPECT_EQ(database->connects, 3);
}

TEST_F(pool_growth, max_connecting__limits_what_is_under_way) {
    database->dials.connect = dial::slow(100ms);
    make({.min_size = 0, .max_size = 10, .max_connecting = 2});
    std::vector<acquiring> waiting;
    for (int i = 0; i < 6; ++i)
        waiting.push_back(acquire());
    EXPECT_EQ(pool->stats().connecting, 2U);
    world.advance(100ms);
    EXPECT_EQ(pool->stats().opened, 2U);
    for (int i = 0; i < 60; ++i) {
        world.advance(10ms);
        EXPECT_LE(pool->stats().connecting, 2U);
    }
    EXPECT_EQ(pool->stats().opened, 6U) << "what is not given back for so long is taken to last";
}

TEST_F(pool_growth, room__caps_it) {
    database->dials.connect = dial::slow(100ms);
    make({.min_size = 0, .max_size = 3, .max_connecting = 10});
    std::vector<acquiring> waiting;
    for (int i = 0; i < 8; ++i)
        waiting.push_back(acquire());
    EXPECT_EQ(pool->stats().connecting, 3U);
}

TEST_F(pool_growth, hanging_connect__does_not_block_the_others) {
    make_and_open({.min_size = 1, .max_size = 2});
    database->dials.connect = dial::never();
    auto lent = take();
    auto waiting = acquire();
    EXPECT_EQ(pool->stats().connecting, 1U);
    lent.release();
    world.settle();
    EXPECT_TRUE(waiting.done());
    world.advance(10s);
    EXPECT_EQ(pool->stats().connecting, 0U);
    EXPECT_EQ(pool->stats().connect_failures, 1U);
}

TEST_F(pool_growth, connect_times_out__message_says_so) {
    database->dials.connect = dial::never();
    make({.min_size = 1, .connect_timeout = 3s});
    auto opening = world.start(pool->open());
    world.advance(3s);
    ASSERT_TRUE(opening.done());
    try {
        opening.get();
        FAIL();
    } catch (const wharf::connect_failed& error) {
        EXPECT_STREQ(error.what(), "no connection to a stub within 3 s (connect_timeout)");
    }
}

TEST_F(pool_growth, open_fails_fast__with_the_first_failure_and_may_be_tried_again) {
    database->dials.connect = dial::fails(wharf::connect_failed("refused"));
    make({.min_size = 2});
    auto opening = world.start(pool->open());
    ASSERT_TRUE(opening.done());
    EXPECT_THROW(opening.get(), wharf::connect_failed);
    database->dials.connect = dial::ok();
    world.advance(1s);
    EXPECT_EQ(pool->stats().opened, 0U) << "a pool that did not open does not go on by itself";
    auto again = world.start(pool->open());
    ASSERT_TRUE(world.run_until_done(again));
    EXPECT_NO_THROW(again.get());
    EXPECT_EQ(pool->stats().idle, 2U);
}

TEST_F(pool_growth, open_with_min_size_0__opens_one_or_says_why_it_cannot) {
    database->dials.connect = dial::fails(wharf::connect_failed("refused"));
    make({.min_size = 0});
    auto opening = world.start(pool->open());
    ASSERT_TRUE(opening.done());
    EXPECT_THROW(opening.get(), wharf::connect_failed);
    database->dials.connect = dial::ok();
    auto again = world.start(pool->open());
    ASSERT_TRUE(world.run_until_done(again));
    EXPECT_NO_THROW(again.get());
    EXPECT_EQ(pool->stats().idle, 1U);
    world.advance(1h);
    EXPECT_EQ(pool->stats().idle, 0U) << "it expires like others";
}

TEST_F(pool_growth, open_runs_out_of_time__message_names_what_went_wrong) {
    const auto says = [this](wharf::duration limit) {
        auto opening = world.start(pool->open(), world.now() + limit);
        world.advance(limit);
        try {
            opening.get();
        } catch (const wharf::timed_out& error) {
            return std::string(error.what());
        }
        return std::string("opened");
    };
    make({.min_size = 1});
    database->dials.connect = dial::never();
    EXPECT_EQ(says(1s), "the deadline passed before the pool was open; a connect has been under way for 1 s");
    database->dials.connect = dial::fails(wharf::connect_failed("refused"));
    world.advance(30s);
    EXPECT_EQ(says(1ms), "the deadline passed before the pool was open; the last attempt to connect failed: refused");
}

TEST_F(pool_growth, open_without_fail_fast__starts_and_returns) {
    database->dials.connect = dial::fails(wharf::connect_failed("refused"));
    make({.min_size = 2, .fail_fast = false});
    auto opening = world.start(pool->open());
    ASSERT_TRUE(opening.done());
    opening.get();
    world.advance(1s);
    database->dials.connect = dial::ok();
    world.advance(6s);
    EXPECT_EQ(pool->stats().idle, 2U);
}

TEST_F(pool_growth, two_opens_at_once__both_wait_for_the_same_connections) {
    database->dials.connect = dial::slow(50ms);
    make({.min_size = 2});
    auto first = world.start(pool->open());
    auto second = world.start(pool->open());
    EXPECT_FALSE(first.done() || second.done());
    world.advance(50ms);
    EXPECT_TRUE(first.done() && second.done());
    EXPECT_EQ(database->connects, 2);
}

TEST_F(pool_growth, server_down__acquire_fails_at_its_deadline_with_the_last_connect_error) {
    database->dials.connect = dial::fails(wharf::connect_failed("connection refused by db:5432"));
    make({.min_size = 0, .acquire_timeout = 2s});
    auto waiting = acquire();
    world.advance(1999ms);
    EXPECT_FALSE(waiting.done());
    world.advance(1ms);
    ASSERT_TRUE(waiting.done());
    try {
        static_cast<void>(waiting.get());
        FAIL();
    } catch (const wharf::acquire_timeout& error) {
        EXPECT_THAT(error.what(), HasSubstr("the last attempt to connect failed: connection refused by db:5432"));
    }
}

TEST_F(pool_growth, server_comes_back__waiting_acquire_succeeds) {
    database->dials.connect = dial::fails(wharf::connect_failed("refused"));
    make({.min_size = 0});
    auto waiting = acquire();
    world.advance(300ms);
    EXPECT_FALSE(waiting.done());
    database->dials.connect = dial::ok();
    world.advance(1s);
    EXPECT_TRUE(waiting.done());
}

TEST_F(pool_growth, failures__are_spaced_by_a_growing_back_off_one_at_a_time) {
    database->dials.connect = dial::fails(wharf::connect_failed("refused"));
    make({.min_size = 0, .max_size = 10, .acquire_timeout = 10min, .max_connecting = 8});
    std::vector<acquiring> waiting;
    for (int i = 0; i < 8; ++i)
        waiting.push_back(acquire());
    const auto at_first = pool->stats().connect_failures;
    EXPECT_LE(at_first, 8U);
    world.advance(1s);
    const auto in_the_first_second = pool->stats().connect_failures - at_first;
    EXPECT_GE(in_the_first_second, 5U);
    EXPECT_LE(in_the_first_second, 9U) << "10, 20, 40, ... ms, shortened by up to half";
    world.advance(1min);
    const auto before = pool->stats().connect_failures;
    world.advance(1min);
    EXPECT_GE(pool->stats().connect_failures - before, 11U) << "at most 5 s apart";
    EXPECT_LE(pool->stats().connect_failures - before, 26U);
}

TEST_F(pool_growth, failed_connect__gives_its_place_back) {
    make_and_open({.min_size = 1, .max_size = 1, .max_overflow = 1});
    auto lent = take();
    database->dials.connect = dial::fails(wharf::connect_failed("refused"));
    auto waiting = acquire(100ms);
    world.advance(200ms);
    EXPECT_TRUE(waiting.done());
    database->dials.connect = dial::ok();
    auto second = acquire();
    world.advance(1s);
    EXPECT_TRUE(second.done());
}

TEST_F(pool_growth, failure_that_waiting_cannot_mend__fails_all_who_wait_at_once) {
    make({.min_size = 0, .max_size = 3});
    const auto fails_with = [this](dial setting) {
        database->dials.connect = std::move(setting);
        auto first = acquire();
        auto second = acquire();
        world.advance(6s);
        EXPECT_TRUE(first.done() && second.done());
        second.destroy();
        static_cast<void>(first.get());
    };
    EXPECT_THROW(fails_with(dial::fails(wharf::authentication_failed("password"), 1ms)), wharf::authentication_failed);
    EXPECT_THROW(fails_with(dial::fails(wharf::configuration_error("url"), 1ms)), wharf::configuration_error);
    EXPECT_THROW(fails_with(dial::fails(server_said("3D000"), 1ms)), wharf::database_error);
    EXPECT_THROW(fails_with(dial::fails(server_said("28000"), 1ms)), wharf::database_error);
}

TEST_F(pool_growth, password_rotated__waiters_are_served_by_connections_that_come_back) {
    make_and_open({.min_size = 1, .max_size = 3});
    auto lent = take();
    database->dials.connect = dial::fails(wharf::authentication_failed("password"), 1ms);
    auto waiting = acquire();
    auto hasty = acquire(2s);
    world.advance(2s);
    EXPECT_FALSE(waiting.done());
    ASSERT_TRUE(hasty.done());
    EXPECT_THAT(message_of<wharf::acquire_timeout>(hasty), HasSubstr("the last attempt to connect failed: password"));
    lent.release();
    world.settle();
    ASSERT_TRUE(waiting.done());
    lent = waiting.get();
    auto last = acquire();
    driver_of(lent).break_it();
    lent.release();
    world.advance(6s);
    ASSERT_TRUE(last.done()) << "nothing is left that may come back";
    EXPECT_THROW(static_cast<void>(last.get()), wharf::authentication_failed);
}

TEST_F(pool_growth, too_many_connections_on_the_server__is_waited_for) {
    make_and_open({.min_size = 1, .max_size = 3});
    auto lent = take();
    database->dials.connect = dial::fails(server_said("53300"));
    auto waiting = acquire();
    world.advance(1s);
    EXPECT_FALSE(waiting.done());
    lent.release();
    world.settle();
    EXPECT_TRUE(waiting.done());
}

TEST_F(pool_growth, floor__is_filled_again_in_the_background) {
    make_and_open({.min_size = 3, .max_size = 10});
    for (auto& lent : take(2)) {
        driver_of(lent).break_it();
        lent.release();
    }
    world.settle();
    EXPECT_EQ(pool->stats().idle, 3U);
    EXPECT_EQ(pool->stats().closed.broken, 2U);
}

} // namespace
