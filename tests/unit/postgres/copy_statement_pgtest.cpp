// COPY that is run as a statement: it is refused, and costs nothing else.
#include "connected.hpp"

namespace wharf::postgres {
namespace {

using testing::HasSubstr;

class copy_statement_pgtest : public connected_pgtest {
protected:
    copy_statement_pgtest() { database_.execute("CREATE TABLE t(n int4)"); }
    static void expect_refused(const batch_item& item) {
        ASSERT_NE(item.error, nullptr);
        try {
            std::rethrow_exception(item.error);
        } catch (const usage_error& error) {
            EXPECT_THAT(error.what(), HasSubstr("COPY FROM STDIN"));
        }
    }
    void expect_the_same_backend() {
        EXPECT_EQ(query<int>(*connection_, "SELECT pg_backend_pid()").one(), backend_);
        EXPECT_EQ(connection_->status(), transaction_status::idle);
    }

    int backend_{query<int>(*connection_, "SELECT pg_backend_pid()").one()};
};

TEST_F(copy_statement_pgtest, from_stdin_alone_is_refused_cold_and_warm) {
    for (int i = 0; i < 2; ++i) {
        batch_item item;
        item.sql = "COPY t FROM STDIN";
        run(*connection_, std::span(&item, 1));
        expect_refused(item);
        expect_the_same_backend();
    }
}

TEST_F(copy_statement_pgtest, from_stdin_in_a_batch_fails_its_group) {
    for (int i = 0; i < 2; ++i) { // cold, warm
        statement_run before("INSERT INTO t VALUES (1)");
        statement_run copy("COPY t FROM STDIN");
        statement_run behind("INSERT INTO t VALUES (2)");
        std::vector<batch_item> items{before.as_item(), copy.as_item(), behind.as_item()};
        run(*connection_, items);
        EXPECT_TRUE(items[0].undone);
        expect_refused(items[1]);
        EXPECT_TRUE(items[2].skipped);
        expect_the_same_backend();
    }
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "0");
}

TEST_F(copy_statement_pgtest, what_stands_behind_its_group_is_never_said_to_have_run) {
    for (int i = 0; i < 2; ++i) {
        statement_run copy("COPY t FROM STDIN");
        statement_run behind("INSERT INTO t VALUES (2)");
        std::vector<batch_item> items{copy.as_item(), behind.as_item(), behind.as_item()};
        for (auto& item : items)
            item.end_of_group = true;
        run(*connection_, items);
        expect_refused(items[0]);
        const auto inserted = (items[1].error ? 0 : 1) + (items[2].error ? 0 : 1);
        EXPECT_EQ(database_.value("SELECT count(*) FROM t"), std::to_string(inserted));
        database_.execute("TRUNCATE t");
        expect_the_same_backend();
    }
}

TEST_F(copy_statement_pgtest, from_stdin_as_a_utility_in_an_open_group_is_refused) {
    statement_run cold("SELECT 1");
    std::vector<batch_item> items{utility("BEGIN"), utility("COPY t FROM STDIN"), cold.as_item()};
    run(*connection_, items);
    expect_refused(items[1]);
    EXPECT_TRUE(items[2].skipped);
    batch_item rollback = utility("ROLLBACK");
    run(*connection_, std::span(&rollback, 1));
    expect_the_same_backend();
}

TEST_F(copy_statement_pgtest, from_stdin_as_a_stream_is_refused) {
    batch_item item;
    item.sql = "COPY t FROM STDIN";
    const auto rows = io::run(connection_->open_rows(std::span(&item, 1), {}));
    EXPECT_EQ(rows, nullptr);
    expect_refused(item);
    expect_the_same_backend();
}

TEST_F(copy_statement_pgtest, from_stdin_in_a_script_is_refused_and_ends_it) {
    const auto outcome =
        io::run(connection_->run_script("INSERT INTO t VALUES (1); COPY t FROM STDIN; INSERT INTO t VALUES (2)", {}));
    EXPECT_THROW(std::rethrow_exception(outcome.error), usage_error);
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "0");
    expect_the_same_backend();
}

} // namespace
} // namespace wharf::postgres
