// Statements that a warm connection has prepared before a migration.
#include "connected.hpp"

#include "wharf/base/database_error.hpp"

namespace wharf::postgres {
namespace {

class migrated_pgtest : public connected_pgtest {
protected:
    migrated_pgtest() { database_.execute("CREATE TABLE t(id int4, v int4)"); }
    [[nodiscard]] std::uint64_t trips() const { return connection_->counters().round_trips; }
    [[nodiscard]] std::int64_t prepared() {
        return query<std::int64_t>(*connection_, "SELECT count(*) FROM pg_prepared_statements").one();
    }
    void run_utility(std::string_view sql) {
        batch_item item = utility(sql);
        run(*connection_, std::span(&item, 1));
    }
    static constexpr auto insert = "INSERT INTO t VALUES ($1, $2)";
};

TEST_F(migrated_pgtest, column_that_has_become_wider_takes_values_beyond_the_old_type) {
    execute(*connection_, insert, 1, 1);
    database_.execute("ALTER TABLE t ALTER COLUMN v TYPE int8");
    execute(*connection_, insert, 1, std::int64_t{1} << 40);
    EXPECT_EQ(database_.value("SELECT max(v) FROM t"), "1099511627776");
}

TEST_F(migrated_pgtest, column_that_has_become_text_takes_text) {
    execute(*connection_, insert, 1, 1);
    database_.execute("ALTER TABLE t ALTER COLUMN v TYPE text");
    execute(*connection_, insert, 2, "two");
    EXPECT_EQ(database_.value("SELECT string_agg(v, ' ' ORDER BY id) FROM t"), "1 two");
}

TEST_F(migrated_pgtest, column_that_has_become_uuid_is_written_and_compared) {
    constexpr auto find = "SELECT id FROM t WHERE v = $1";
    database_.execute("ALTER TABLE t ALTER COLUMN v TYPE text");
    const std::string key = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    execute(*connection_, insert, 1, key);
    EXPECT_EQ(query<int>(*connection_, find, key).one(), 1);
    database_.execute("ALTER TABLE t ALTER COLUMN v TYPE uuid USING v::uuid");
    EXPECT_EQ(query<int>(*connection_, find, key).one(), 1);
    execute(*connection_, insert, 2, key);
    EXPECT_EQ(query<int>(*connection_, find, key).size(), 2U);
}

TEST_F(migrated_pgtest, another_search_path_is_another_table) {
    database_.execute("CREATE SCHEMA other");
    database_.execute("CREATE TABLE other.t(id text, v text)");
    execute(*connection_, insert, 1, 1);
    run_utility("SET search_path = other");
    execute(*connection_, insert, "one", "two");
    EXPECT_EQ(database_.value("SELECT id || v FROM other.t"), "onetwo");
}

TEST_F(migrated_pgtest, statement_that_has_gone_stale_is_closed_and_prepared_once) {
    execute(*connection_, insert, 1, 1);
    const auto kept = prepared();
    for (int i = 0; i < 5; ++i) {
        database_.execute(i % 2 == 0 ? "ALTER TABLE t ALTER COLUMN v TYPE text"
                                     : "ALTER TABLE t ALTER COLUMN v TYPE uuid USING gen_random_uuid()");
        const auto before = trips();
        execute(*connection_, insert, 1, "3f2504e0-4f89-11d3-9a0c-0305e82c3301");
        EXPECT_LE(trips() - before, 3U);
    }
    EXPECT_EQ(prepared(), kept);
}

TEST_F(migrated_pgtest, misfit_of_a_parameter_leaves_a_transaction_as_it_was_and_is_looked_into_next_time) {
    execute(*connection_, insert, 1, 1);
    run_utility("BEGIN");
    database_.execute("ALTER TABLE t ALTER COLUMN v TYPE int8");
    EXPECT_THROW(execute(*connection_, insert, 2, std::int64_t{1} << 40), conversion_error);
    execute(*connection_, insert, 2, std::int64_t{1} << 40);
    run_utility("COMMIT");
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "2");
}

TEST_F(migrated_pgtest, error_of_the_server_stands_inside_a_transaction_and_the_next_one_works) {
    execute(*connection_, insert, 1, "1");
    run_utility("BEGIN");
    database_.execute("ALTER TABLE t ALTER COLUMN v TYPE text");
    EXPECT_THROW(execute(*connection_, insert, 2, "two"), database_error);
    run_utility("ROLLBACK");
    run_utility("BEGIN");
    execute(*connection_, insert, 2, "two");
    run_utility("COMMIT");
    EXPECT_EQ(database_.value("SELECT max(v) FROM t"), "two");
}

TEST_F(migrated_pgtest, value_that_fits_nothing_fails_after_one_more_look) {
    execute(*connection_, insert, 1, 1);
    const auto before = trips();
    EXPECT_THROW(execute(*connection_, insert, 1, std::int64_t{1} << 40), conversion_error);
    EXPECT_EQ(trips() - before, 1U);
    EXPECT_THROW(execute(*connection_, insert, 1, "one"), data_error);
    execute(*connection_, insert, 1, 2);
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "2");
}

TEST_F(migrated_pgtest, error_of_a_value_names_its_parameter) {
    try {
        execute(*connection_, insert, 1, "one");
        ADD_FAILURE() << "text was taken for a number";
    } catch (const data_error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("parameter $2"));
    }
    try {
        execute(*connection_, insert, 1, std::int64_t{1} << 40);
        ADD_FAILURE() << "a number was cut";
    } catch (const conversion_error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("parameter $2"));
    }
}

} // namespace
} // namespace wharf::postgres
