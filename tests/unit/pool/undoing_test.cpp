// What is undone when a connection comes back, and when; who takes the answer, and what becomes of a refusal.
#include "unit/pool/pool_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using wharf::test::dial;

class pool_undoing : public wharf::test::pool_fixture {
protected:
    void use_and_release() {
        auto lent = take();
        execute(lent, "SET x = 1");
        lent.release();
    }
    void leave_transaction() {
        database->undoes_at_once = true;
        auto lent = take();
        lent.core().begin();
        execute(lent, "INSERT");
        lent.release();
    }
    [[nodiscard]] static bool awaits(const wharf::test::stub_driver* driver) { return driver->awaits_undo(); }
};

TEST_F(pool_undoing, nobody_borrows__connection_is_reset_in_the_background) {
    make_and_open({.min_size = 1, .max_size = 1});
    use_and_release();
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().resets, 1U);
    EXPECT_TRUE(database->drivers.front()->reset_is_due());
    world.advance(25ms);
    EXPECT_FALSE(database->drivers.front()->reset_is_due());
    EXPECT_EQ(database->resets_alone, 1);
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().cleaned, 0U);
    EXPECT_EQ(pool->stats().resets, 1U);
    EXPECT_EQ(database->pings, 0);
    world.advance(1min);
    EXPECT_EQ(database->resets_alone, 1);
}

TEST_F(pool_undoing, borrowed_again_at_once__reset_travels_in_front_of_the_first_statement) {
    make_and_open({.min_size = 1, .max_size = 1});
    use_and_release();
    auto lent = take();
    world.advance(1s);
    EXPECT_TRUE(driver_of(lent).reset_is_due());
    execute(lent, "SELECT");
    EXPECT_FALSE(driver_of(lent).reset_is_due());
    EXPECT_EQ(database->resets_alone, 0);
}

TEST_F(pool_undoing, borrowed_and_not_used__is_reset_in_the_background_all_the_same) {
    make_and_open({.min_size = 1, .max_size = 1});
    use_and_release();
    take().release();
    world.advance(25ms);
    EXPECT_EQ(database->resets_alone, 1);
}

TEST_F(pool_undoing, reset_in_the_background_fails_or_hangs__connection_is_closed_and_the_floor_kept) {
    for (const auto& how : {dial::fails(wharf::not_undone("refused")), dial::never()}) {
        database->dials.undo = how;
        make_and_open({.min_size = 1, .max_size = 1, .clean_up_timeout = 1s});
        use_and_release();
        world.advance(1100ms);
        EXPECT_EQ(pool->stats().closed.check_failed, 1U);
        EXPECT_EQ(pool->stats().idle, 1U);
    }
}

TEST_F(pool_undoing, left_in_a_transaction__reset_goes_with_the_rollback) {
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    EXPECT_EQ(database->undone, 1);
    EXPECT_EQ(database->resets, 0);
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().resets, 1U);
    EXPECT_EQ(pool->stats().cleaned, 1U);
}

TEST_F(pool_undoing, nothing_has_run__nothing_is_sent) {
    make_and_open({.min_size = 1, .max_size = 1});
    take().release();
    EXPECT_EQ(database->undone + database->resets, 0);
    world.advance(1s);
    EXPECT_EQ(database->resets_alone, 0);
}

TEST_F(pool_undoing, somebody_waits__reset_travels_in_front_of_his_first_statement) {
    make_and_open({.min_size = 1, .max_size = 1});
    auto lent = take();
    execute(lent, "SET x = 1");
    auto next = acquire();
    lent.release();
    EXPECT_EQ(database->undone, 0);
    EXPECT_EQ(database->resets, 1);
    ASSERT_TRUE(world.run_until_done(next));
    EXPECT_TRUE(driver_of(next.get()).reset_is_due());
}

TEST_F(pool_undoing, nobody_borrows__answer_is_taken_in_the_background) {
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    EXPECT_TRUE(awaits(database->drivers.front()));
    world.advance(25ms);
    EXPECT_FALSE(awaits(database->drivers.front()));
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().cleaned, 1U);
    EXPECT_EQ(database->pings, 0) << "it was there";
}

TEST_F(pool_undoing, answer_that_is_late__is_waited_for_in_the_background) {
    database->dials.undo = dial::slow(100ms);
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    world.advance(25ms);
    EXPECT_EQ(pool->stats().cleaning, 1U);
    world.advance(80ms);
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(pool->stats().closed.total(), 0U);
}

TEST_F(pool_undoing, answer_that_does_not_come__connection_is_closed_and_the_floor_kept) {
    database->dials.undo = dial::never();
    make_and_open({.min_size = 1, .max_size = 1, .clean_up_timeout = 1s});
    leave_transaction();
    world.advance(1100ms);
    EXPECT_EQ(pool->stats().closed.check_failed, 1U);
    EXPECT_EQ(pool->stats().idle, 1U);
}

TEST_F(pool_undoing, answer_that_is_refused__connection_is_closed_and_the_floor_kept) {
    database->dials.undo = dial::fails(wharf::not_undone("refused"));
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    world.advance(25ms);
    EXPECT_EQ(pool->stats().closed.check_failed, 1U);
    EXPECT_EQ(pool->stats().idle, 1U);
}

TEST_F(pool_undoing, borrower_comes_first__takes_the_answer_in_front_of_his_own) {
    database->dials.undo = dial::slow(10ms);
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    auto lent = take();
    EXPECT_TRUE(driver_of(lent).awaits_undo()) << "an acquire does not wait for it";
    execute(lent, "SELECT");
    EXPECT_FALSE(driver_of(lent).awaits_undo());
    EXPECT_EQ(number(lent), 1);
    world.advance(100ms);
    EXPECT_EQ(pool->stats().lent, 1U);
}

TEST_F(pool_undoing, refused_in_front_of_the_first_statement__borrower_gets_another_connection) {
    database->dials.undo = dial::fails(wharf::not_undone("refused"), 1ms);
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    auto lent = take();
    database->dials.undo = dial::ok();
    execute(lent, "SELECT");
    EXPECT_EQ(number(lent), 2);
    EXPECT_EQ(database->peak_open, 2) << "the old one has been told to end";
    EXPECT_EQ(database->terminations, 1);
    EXPECT_EQ(pool->stats().closed.broken, 1U);
    EXPECT_EQ(pool->stats().opened, 2U);
    EXPECT_EQ(pool->stats().lent, 1U);
    lent.release();
    EXPECT_EQ(pool->stats().idle, 1U);
    EXPECT_EQ(number(take()), 2);
}

TEST_F(pool_undoing, refused_in_front_of_a_transaction__which_begins_on_another_connection) {
    database->dials.undo = dial::fails(wharf::not_undone("refused"), 1ms);
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    auto lent = take();
    database->dials.undo = dial::ok();
    lent.core().begin();
    execute(lent, "SELECT");
    EXPECT_EQ(database->rules->batches.back(), (std::vector<std::string>{"BEGIN", "SELECT"}));
    EXPECT_EQ(number(lent), 2);
    EXPECT_TRUE(lent.core().in_transaction());
}

TEST_F(pool_undoing, no_other_connection_can_be_had__borrower_is_told_why) {
    database->dials.undo = dial::fails(wharf::not_undone("refused"), 1ms);
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    auto lent = take();
    database->dials.connect = dial::fails(wharf::connect_failed("nobody there"));
    EXPECT_THROW(execute(lent, "SELECT"), wharf::connect_failed);
    database->dials.connect = dial::ok();
    lent.release();
    world.advance(100ms);
    EXPECT_EQ(pool->stats().closed.broken, 1U);
    EXPECT_EQ(pool->stats().idle, 1U);
}

TEST_F(pool_undoing, given_up_while_another_is_opened__connection_ends_with_the_lease) {
    database->dials.undo = dial::fails(wharf::not_undone("refused"), 1ms);
    make_and_open({.min_size = 1, .max_size = 1});
    leave_transaction();
    auto lent = take();
    database->dials.connect = dial::never();
    auto running = world.start(lent.core().run_one("SELECT", {}));
    world.advance(5ms);
    EXPECT_FALSE(running.done());
    running.destroy();
    database->dials.connect = dial::ok();
    lent.release();
    world.advance(100ms);
    EXPECT_EQ(pool->stats().closed.broken, 1U);
    EXPECT_EQ(pool->stats().idle, 1U);
}

// Each release would otherwise wake the pool's background.
TEST_F(pool_undoing, busy_connection__background_is_woken_once_in_a_while) {
    make_and_open({.min_size = 1, .max_size = 1});
    use_and_release();
    world.settle();
    const auto before = world.runs();
    for (int i = 0; i < 100; ++i) {
        auto lent = pool->try_acquire_now();
        ASSERT_TRUE(lent);
        execute(lent, "SELECT");
        lent.release();
    }
    world.settle();
    EXPECT_EQ(database->resets, 101);
    EXPECT_LE(world.runs() - before, 102U) << "100 statements, and the background";
}

} // namespace
