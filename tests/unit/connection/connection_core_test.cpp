#include "wharf/connection/connection_core.hpp"

#include "unit/connection/scripted_driver.hpp"
#include "wharf/io/blocking.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wharf::connection_core;
using wharf::then;
using wharf::transaction_status;
using wharf::test::script;
using wharf::test::scripted_driver;

class connection : public testing::Test {
protected:
    void execute(std::string_view sql) { static_cast<void>(wharf::io::run(core.run_one(sql, {}))); }
    void commit(std::size_t level = 0) { wharf::io::run(core.commit(level)); }
    void rollback(std::size_t level = 0) { wharf::io::run(core.rollback(level)); }
    void fail(const std::string& sql, std::string sqlstate = "42601") { rules->failing[sql] = std::move(sqlstate); }
    [[nodiscard]] std::vector<wharf::batch_item> items(std::initializer_list<std::string_view> texts) const {
        std::vector<wharf::batch_item> made;
        for (const auto text : texts)
            made.emplace_back().sql = text;
        return made;
    }

    std::shared_ptr<script> rules = std::make_shared<script>();
    connection_core core{std::make_unique<scripted_driver>(rules)};
    std::vector<std::vector<std::string>>& batches = rules->batches;
};

TEST_F(connection, statement_outside_a_transaction__is_sent_alone) {
    execute("SELECT 1");
    EXPECT_THAT(batches, ElementsAre(ElementsAre("SELECT 1")));
    EXPECT_FALSE(core.needs_clean_up());
}

TEST_F(connection, statement_that_fails__throws_its_error_and_stays_usable) {
    fail("SELEC");
    EXPECT_THROW(execute("SELEC"), wharf::syntax_error);
    execute("SELECT 1");
    EXPECT_TRUE(core.usable());
}

TEST_F(connection, begin__travels_with_the_first_statement) {
    EXPECT_EQ(core.begin(), 0U);
    EXPECT_THAT(batches, IsEmpty());
    execute("INSERT");
    commit();
    EXPECT_THAT(batches, ElementsAre(ElementsAre("BEGIN", "INSERT"), ElementsAre("COMMIT")));
    EXPECT_FALSE(core.in_transaction());
}

TEST_F(connection, begin_twice__is_refused) {
    core.begin();
    EXPECT_THROW(core.begin(), wharf::usage_error);
}

TEST_F(connection, savepoint_without_transaction__is_refused) {
    EXPECT_THROW(core.savepoint(), wharf::usage_error);
}

TEST_F(connection, begin_with_options__text_says_so) {
    core.begin({.isolation = wharf::isolation::serializable, .read_only = true, .deferrable = true});
    execute("SELECT");
    EXPECT_EQ(batches[0][0], "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE");
}

TEST_F(connection, begin_on_sqlite__knows_only_immediate) {
    rules->kind = wharf::backend::sqlite;
    core.begin({.isolation = wharf::isolation::serializable, .immediate = true});
    execute("SELECT");
    EXPECT_EQ(batches[0][0], "BEGIN IMMEDIATE");
}

TEST_F(connection, transaction_without_statement__commits_and_rolls_back_without_sending) {
    core.begin();
    commit();
    core.begin();
    rollback();
    core.begin();
    core.abandon(0);
    EXPECT_THAT(batches, IsEmpty());
    EXPECT_FALSE(core.needs_clean_up());
}

TEST_F(connection, begin_statement_and_commit_in_one_batch__is_one_write) {
    core.begin();
    auto batch = items({"INSERT", "UPDATE"});
    wharf::io::run(core.run(batch, then::commit));
    EXPECT_THAT(batches, ElementsAre(ElementsAre("BEGIN", "INSERT", "UPDATE", "COMMIT")));
    EXPECT_FALSE(core.in_transaction());
}

TEST_F(connection, item_fails_in_a_committing_batch__later_ones_and_the_commit_are_skipped) {
    fail("UPDATE", "23505");
    core.begin();
    auto batch = items({"INSERT", "UPDATE", "DELETE"});
    batch[0].end_of_group = batch[1].end_of_group = true;
    wharf::io::run(core.run(batch, then::commit));
    EXPECT_FALSE(batch[0].error);
    EXPECT_THROW(std::rethrow_exception(batch[1].error), wharf::unique_violation);
    EXPECT_TRUE(batch[2].skipped);
    EXPECT_TRUE(core.in_transaction());
    EXPECT_EQ(core.underlying().status(), transaction_status::failed);
    rollback();
    EXPECT_FALSE(core.needs_clean_up());
}

TEST_F(connection, begin_fails__throws_runs_nothing_after_it_and_leaves_no_level) {
    fail("BEGIN", "57P03");
    core.begin();
    auto batch = items({"INSERT", "UPDATE"});
    batch[0].end_of_group = true;
    EXPECT_THROW(wharf::io::run(core.run(batch)), wharf::database_error);
    EXPECT_TRUE(batch[0].skipped);
    EXPECT_TRUE(batch[1].skipped) << "it would have run outside the transaction";
    EXPECT_FALSE(core.in_transaction());
    rules->failing.clear();
    core.begin();
    execute("INSERT");
    EXPECT_THAT(batches.back(), ElementsAre("BEGIN", "INSERT"));
}

TEST_F(connection, commit_fails__throws_and_the_transaction_is_over) {
    fail("COMMIT", "40001");
    core.begin();
    execute("INSERT");
    EXPECT_THROW(commit(), wharf::serialization_failure);
    EXPECT_FALSE(core.in_transaction());
    EXPECT_FALSE(core.needs_clean_up());
}

TEST_F(connection, commit_fails_and_leaves_the_transaction_open__is_rolled_back_with_the_next_statement) {
    rules->error_fails_transaction = false; // SQLite: COMMIT refused with "busy"
    fail("COMMIT", "55P03");
    core.begin();
    execute("INSERT");
    EXPECT_THROW(commit(), wharf::lock_not_available);
    EXPECT_FALSE(core.in_transaction());
    EXPECT_TRUE(core.needs_clean_up());
    execute("SELECT");
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK;", "SELECT"));
}

TEST_F(connection, commit_after_a_failed_statement__rolls_back_and_says_so) {
    fail("INSERT", "23505");
    core.begin();
    EXPECT_THROW(execute("INSERT"), wharf::unique_violation);
    EXPECT_THROW(commit(), wharf::transaction_aborted);
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK"));
    EXPECT_FALSE(core.needs_clean_up());
}

TEST_F(connection, abandoned_transaction__is_rolled_back_in_front_of_the_next_statement) {
    core.begin();
    execute("INSERT");
    core.abandon(0);
    EXPECT_FALSE(core.in_transaction());
    EXPECT_TRUE(core.needs_clean_up());
    core.begin();
    execute("UPDATE");
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK;", "BEGIN", "UPDATE"));
    EXPECT_EQ(core.levels(), 1U);
}

TEST_F(connection, statement_after_an_abandoned_transaction__keeps_its_groups) {
    core.begin();
    execute("INSERT");
    core.abandon(0);
    auto batch = items({"A", "B"});
    batch[0].end_of_group = true;
    wharf::io::run(core.run(batch));
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK;", "A;", "B"));
}

TEST_F(connection, batch_refused_before_it_began__its_begin_travels_with_the_next) {
    core.begin();
    rules->refuses_once = true;
    EXPECT_THROW(execute("INSERT"), wharf::usage_error);
    core.savepoint();
    rules->refuses_once = true;
    EXPECT_THROW(execute("INSERT"), wharf::usage_error);
    execute("INSERT");
    EXPECT_THAT(batches, ElementsAre(ElementsAre("BEGIN", "SAVEPOINT wharf_1", "INSERT")));
    EXPECT_EQ(core.levels(), 2U);
    rollback();
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK;"));
}

TEST_F(connection, transaction_all_of_whose_batches_were_refused__ends_unsent) {
    core.begin();
    rules->refuses_once = true;
    EXPECT_THROW(execute("INSERT"), wharf::usage_error);
    commit();
    EXPECT_THAT(batches, IsEmpty());
    EXPECT_FALSE(core.needs_clean_up());
}

TEST_F(connection, rollback_in_front_of_a_refused_batch__travels_with_the_next) {
    core.begin();
    execute("INSERT");
    core.abandon(0);
    rules->refuses_once = true;
    EXPECT_THROW(execute("UPDATE"), wharf::usage_error);
    core.begin();
    execute("UPDATE");
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK;", "BEGIN", "UPDATE"));
}

TEST_F(connection, savepoints__nest_and_are_released) {
    core.begin();
    const auto outer = core.savepoint();
    const auto inner = core.savepoint();
    EXPECT_EQ(outer, 1U);
    EXPECT_EQ(inner, 2U);
    execute("INSERT");
    commit(inner);
    commit(outer);
    commit();
    EXPECT_THAT(batches, ElementsAre(ElementsAre("BEGIN", "SAVEPOINT wharf_1", "SAVEPOINT wharf_2", "INSERT"),
                                     ElementsAre("RELEASE SAVEPOINT wharf_2"), ElementsAre("RELEASE SAVEPOINT wharf_1"),
                                     ElementsAre("COMMIT")));
}

TEST_F(connection, savepoint_rolled_back__transaction_goes_on) {
    core.begin();
    const auto level = core.savepoint();
    execute("INSERT");
    rollback(level);
    EXPECT_EQ(core.levels(), 1U);
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK TO SAVEPOINT wharf_1", "RELEASE SAVEPOINT wharf_1"));
    commit();
    EXPECT_THAT(batches.back(), ElementsAre("COMMIT"));
}

TEST_F(connection, savepoint_abandoned__is_undone_before_the_commit_of_the_transaction) {
    core.begin();
    const auto level = core.savepoint();
    execute("INSERT");
    core.abandon(level);
    commit();
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK TO SAVEPOINT wharf_1", "RELEASE SAVEPOINT wharf_1", "COMMIT"));
}

TEST_F(connection, savepoint_after_a_failed_statement__repairs_the_transaction) {
    fail("INSERT", "23505");
    core.begin();
    const auto level = core.savepoint();
    EXPECT_THROW(execute("INSERT"), wharf::unique_violation);
    core.abandon(level);
    execute("UPDATE");
    EXPECT_EQ(core.underlying().status(), transaction_status::active);
    commit();
    EXPECT_THAT(batches.back(), ElementsAre("COMMIT"));
}

TEST_F(connection, savepoint_fails__its_level_has_ended) {
    core.begin();
    execute("INSERT");
    core.savepoint();
    fail("SAVEPOINT wharf_1", "53200");
    EXPECT_THROW(execute("UPDATE"), wharf::database_error);
    EXPECT_EQ(core.levels(), 1U);
    rollback();
    EXPECT_FALSE(core.needs_clean_up());
}

TEST_F(connection, outer_level_ends__inner_ones_end_with_it) {
    core.begin();
    core.savepoint();
    core.savepoint();
    execute("INSERT");
    commit();
    EXPECT_EQ(core.levels(), 0U);
    EXPECT_THROW(commit(2), wharf::usage_error);
    core.begin();
    core.savepoint();
    execute("INSERT");
    core.abandon(0);
    execute("SELECT");
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK;", "SELECT"));
}

TEST_F(connection, level_opened_again__has_another_serial) {
    const auto first = core.serial(core.begin());
    commit();
    const auto level = core.begin();
    EXPECT_FALSE(core.is_open(level, first));
    EXPECT_TRUE(core.is_open(level, core.serial(level)));
}

TEST_F(connection, transaction_ended_by_raw_sql__level_is_gone) {
    core.begin();
    execute("INSERT");
    execute("COMMIT");
    EXPECT_FALSE(core.in_transaction());
    EXPECT_THROW(commit(), wharf::usage_error);
}

TEST_F(connection, clean_up_of_an_open_transaction__sends_one_rollback) {
    core.begin();
    execute("INSERT");
    core.savepoint();
    EXPECT_TRUE(core.needs_clean_up());
    wharf::io::run(core.clean_up());
    EXPECT_THAT(batches.back(), ElementsAre("ROLLBACK"));
    EXPECT_FALSE(core.needs_clean_up());
}

TEST_F(connection, unsent_transaction_forgotten__nothing_is_left_to_do) {
    core.begin();
    EXPECT_TRUE(core.forget_unsent());
    EXPECT_FALSE(core.needs_clean_up());
    core.begin();
    execute("INSERT");
    EXPECT_FALSE(core.forget_unsent());
}

TEST_F(connection, lost_connection__later_statements_are_refused) {
    rules->lost = true;
    EXPECT_THROW(execute("SELECT"), wharf::connection_lost);
    EXPECT_FALSE(core.usable());
    EXPECT_THROW(execute("SELECT"), wharf::connection_lost);
}

TEST_F(connection, second_statement_while_one_runs__is_refused_and_the_first_is_unharmed) {
    rules->park_once = true;
    wharf::io::outcome<wharf::result> out;
    std::optional<wharf::io::task> running(std::in_place, wharf::io::detail::blocking_surroundings());
    core.run_one("SELECT pg_sleep(1)", {}).start_on(*running, out);
    EXPECT_FALSE(running->pump());
    EXPECT_TRUE(core.busy());
    EXPECT_THROW(execute("SELECT"), wharf::concurrent_use);
    running->pending().spot->unpark();
    running->answer(wharf::io::wake::ready);
    EXPECT_TRUE(running->pump());
    EXPECT_NO_THROW(static_cast<void>(out.take()));
    EXPECT_FALSE(core.busy());
}

TEST_F(connection, statement_destroyed_half_way__connection_is_unusable_and_not_busy) {
    rules->park_once = true;
    {
        wharf::io::outcome<wharf::result> out;
        wharf::io::task running(wharf::io::detail::blocking_surroundings());
        core.run_one("SELECT", {}).start_on(running, out);
        EXPECT_FALSE(running.pump());
    }
    EXPECT_FALSE(core.busy());
    EXPECT_FALSE(core.usable());
}

} // namespace
