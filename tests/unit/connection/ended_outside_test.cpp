// A transaction that a borrower ends by a statement: its levels end, and who held them learns how.
#include "unit/connection/scripted_driver.hpp"
#include "wharf/connection/connection_core.hpp"
#include "wharf/io/blocking.hpp"

#include <gmock/gmock.h>

namespace {

using testing::HasSubstr;
using wharf::connection_core;
using wharf::ended_outside;

class transaction_ended_by_a_statement : public testing::Test {
protected:
    transaction_ended_by_a_statement() {
        core.begin();
        serial = core.serial(0);
        execute("INSERT");
    }
    void execute(std::string_view sql) { static_cast<void>(wharf::io::run(core.run_one(sql, {}))); }
    [[nodiscard]] std::string refusal() const {
        try {
            core.require_open(0, serial);
        } catch (const wharf::usage_error& error) {
            return error.what();
        }
        return "none";
    }

    std::shared_ptr<wharf::test::script> rules = std::make_shared<wharf::test::script>();
    connection_core core{std::make_unique<wharf::test::scripted_driver>(rules)};
    std::uint64_t serial{0};
};

TEST_F(transaction_ended_by_a_statement, commit__is_told_apart) {
    EXPECT_EQ(core.outside_end(), ended_outside::no);
    execute("COMMIT");
    EXPECT_EQ(core.outside_end(), ended_outside::committed);
    EXPECT_FALSE(core.is_open(0, serial));
    EXPECT_THAT(refusal(), HasSubstr("a COMMIT was run as a statement"));
}

TEST_F(transaction_ended_by_a_statement, rollback__is_told_apart) {
    execute("/* by hand */ ROLLBACK");
    EXPECT_EQ(core.outside_end(), ended_outside::rolled_back);
    EXPECT_THAT(refusal(), HasSubstr("a ROLLBACK was run as a statement"));
}

TEST_F(transaction_ended_by_a_statement, another_one_behind_it__has_no_level) {
    std::vector<wharf::batch_item> items(2);
    items[0].sql = "COMMIT";
    items[1].sql = "BEGIN";
    wharf::io::run(core.run(items));
    EXPECT_EQ(core.outside_end(), ended_outside::committed);
    EXPECT_FALSE(core.in_transaction());
    EXPECT_TRUE(core.needs_clean_up()) << "the pool rolls it back";
}

TEST_F(transaction_ended_by_a_statement, rollback_to_a_savepoint__ends_nothing) {
    execute("ROLLBACK TO SAVEPOINT mine");
    EXPECT_EQ(core.outside_end(), ended_outside::no);
    EXPECT_TRUE(core.is_open(0, serial));
}

TEST_F(transaction_ended_by_a_statement, next_one__begins_anew) {
    execute("COMMIT");
    core.begin();
    EXPECT_EQ(core.outside_end(), ended_outside::no);
}

TEST_F(transaction_ended_by_a_statement, its_own_commit__is_none) {
    wharf::io::run(core.commit());
    EXPECT_EQ(core.outside_end(), ended_outside::no);
    EXPECT_EQ(refusal(), "this transaction has ended");
}

} // namespace
