#include "unit/sqlite/fixture.hpp"

#include "sqlite/keyword.hpp"

namespace wharf::testing {
namespace {

using ::testing::HasSubstr;

class sqlite_errors : public sqlite_file {
protected:
    sqlite_errors() {
        execute(db_, "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT NOT NULL, age INTEGER "
                     "CONSTRAINT grown_up CHECK (age >= 18), UNIQUE (name, age))");
        execute(db_, "CREATE TABLE posts(user_id INTEGER REFERENCES users)");
        execute(db_, "INSERT INTO users VALUES (1, 'a@b', 'ann', 20)");
    }
    std::shared_ptr<connector> connector_ = make();
    std::unique_ptr<driver> driver_ = open(*connector_);
    driver& db_ = *driver_;
};

TEST_F(sqlite_errors, unique_violation_names_table_and_columns) {
    const auto email = error_of(db_, "INSERT INTO users VALUES (2, 'a@b', 'bob', 30)");
    EXPECT_EQ(email.sqlstate(), "23505");
    EXPECT_EQ(email.table(), "users");
    EXPECT_EQ(email.column(), "email");
    EXPECT_THAT(std::string(email.statement()), HasSubstr("INSERT INTO users"));
    EXPECT_EQ(error_of(db_, "INSERT INTO users VALUES (1, 'x', 'bob', 30)").column(), "id");
    EXPECT_EQ(error_of(db_, "INSERT INTO users VALUES (2, 'x', 'ann', 20)").column(), "name, age");
    execute(db_, "CREATE UNIQUE INDEX lower_name ON users(lower(name))");
    EXPECT_EQ(error_of(db_, "INSERT INTO users VALUES (2, 'x', 'ANN', 30)").constraint(), "lower_name");
    EXPECT_THROW(execute(db_, "INSERT INTO users VALUES (1, 'x', 'bob', 30)"), unique_violation);
}

TEST_F(sqlite_errors, other_constraints_have_their_classes) {
    const auto null = error_of(db_, "INSERT INTO users VALUES (2, 'x', NULL, 30)");
    EXPECT_EQ(null.sqlstate(), "23502");
    EXPECT_EQ(null.column(), "name");
    const auto check = error_of(db_, "INSERT INTO users VALUES (2, 'x', 'bob', 3)");
    EXPECT_EQ(check.sqlstate(), "23514");
    EXPECT_EQ(check.constraint(), "grown_up");
    EXPECT_THROW(execute(db_, "INSERT INTO posts VALUES (99)"), foreign_key_violation);
    EXPECT_THROW(execute(db_, "INSERT INTO users VALUES (2, 'x', NULL, 30)"), not_null_violation);
}

TEST_F(sqlite_errors, mistakes_in_statements_have_their_codes) {
    const auto syntax = error_of(db_, "SELECT h\xc3\xa9 FRM users");
    EXPECT_EQ(syntax.sqlstate(), "42601");
    EXPECT_EQ(syntax.position(), 15); // in characters
    EXPECT_THROW(execute(db_, "SELEC 1"), syntax_error);
    EXPECT_EQ(error_of(db_, "SELECT (1").sqlstate(), "42601");
    const auto table = error_of(db_, "SELECT * FROM nowhere");
    EXPECT_EQ(table.sqlstate(), "42P01");
    EXPECT_EQ(table.table(), "nowhere");
    const auto column = error_of(db_, "SELECT missing FROM users");
    EXPECT_EQ(column.sqlstate(), "42703");
    EXPECT_EQ(column.column(), "missing");
    const auto insert = error_of(db_, "INSERT INTO users(missing) VALUES (1)");
    EXPECT_EQ(insert.column(), "missing");
    EXPECT_EQ(insert.table(), "users");
    EXPECT_EQ(error_of(db_, "SELECT \"missing\" FROM users").sqlstate(), "42703"); // not the string 'missing'
    EXPECT_EQ(error_of(db_, "CREATE TABLE users(i)").sqlstate(), "42P07");
    EXPECT_EQ(error_of(db_, "SELECT nofunction()").sqlstate(), "42883");
    EXPECT_EQ(error_of(db_, "ROLLBACK TO nowhere").sqlstate(), "3B001");
    EXPECT_EQ(error_of(db_, "INSERT INTO users VALUES (1, 2)").sqlstate(), "42601");
}

TEST_F(sqlite_errors, trigger_speaks_for_itself) {
    execute(db_, "CREATE TRIGGER never BEFORE DELETE ON users BEGIN SELECT RAISE(ABORT, 'users stay'); END");
    const auto error = error_of(db_, "DELETE FROM users");
    EXPECT_EQ(error.sqlstate(), "P0001");
    EXPECT_EQ(error.message(), "users stay");
}

TEST_F(sqlite_errors, read_only_connection_cannot_write) {
    auto reader = open(*make("?mode=ro"));
    EXPECT_EQ(value_of<int>(*reader, "SELECT count(*) FROM users"), 1);
    EXPECT_EQ(error_of(*reader, "DELETE FROM users").sqlstate(), "42501");
}

TEST_F(sqlite_errors, foreign_writer_is_met_with_the_busy_timeout) {
    auto other = open(*make());
    auto mine = open(*make("?busy_timeout=60")); // another connector: another gate, as in another process
    execute(*other, "BEGIN IMMEDIATE");
    const auto start = clock::now();
    const auto error = error_of(*mine, "INSERT INTO posts VALUES (1)");
    EXPECT_EQ(error.sqlstate(), "55P03");
    EXPECT_TRUE(error.is_transient());
    EXPECT_GE(clock::now() - start, std::chrono::milliseconds(60));
    execute(*other, "COMMIT");
    execute(*mine, "INSERT INTO posts VALUES (1)");
    EXPECT_TRUE(mine->usable());
}

TEST_F(sqlite_errors, outdated_snapshot_is_a_serialization_failure) {
    auto other = open(*connector_);
    execute(db_, "BEGIN");
    execute(db_, "SELECT * FROM users");
    execute(*other, "INSERT INTO posts VALUES (1)");
    EXPECT_THROW(execute(db_, "INSERT INTO posts VALUES (1)"), serialization_failure);
    execute(db_, "ROLLBACK");
    execute(*other, "INSERT INTO posts VALUES (1)"); // the gate is free
}

TEST(sqlite_connector, settings_are_checked) {
    EXPECT_THROW(static_cast<void>(sqlite::make_connector("sqlite:///a?busy_timeout=soon")), configuration_error);
    EXPECT_THROW(static_cast<void>(sqlite::make_connector("sqlite:///a?mode=rx")), configuration_error);
    EXPECT_THROW(static_cast<void>(sqlite::make_connector("postgresql://h")), configuration_error);
    const auto memory = sqlite::make_connector("sqlite://");
    EXPECT_EQ(memory->connection_limit(), 1U);
    EXPECT_EQ(memory->kind(), backend::sqlite);
    EXPECT_EQ(memory->description(), "sqlite://");
    auto db = open(*memory);
    execute(*db, "CREATE TABLE t(i)");
    EXPECT_EQ(value_of<int>(*db, "SELECT count(*) FROM t"), 0);
    EXPECT_EQ(sqlite::make_connector("sqlite:///a")->connection_limit(), 0U);
}

TEST_F(sqlite_file, connection_is_opened_with_wal_and_foreign_keys) {
    auto db = open(*make());
    EXPECT_EQ(value_of<std::string>(*db, "PRAGMA journal_mode"), "wal");
    EXPECT_EQ(value_of<int>(*db, "PRAGMA foreign_keys"), 1);
    EXPECT_EQ(value_of<int>(*db, "PRAGMA synchronous"), 2);
    auto other = open(
        *sqlite::make_connector("sqlite:///" + path() + "2?journal_mode=delete&foreign_keys=off&synchronous=normal"));
    EXPECT_EQ(value_of<std::string>(*other, "PRAGMA journal_mode"), "delete");
    EXPECT_EQ(value_of<int>(*other, "PRAGMA foreign_keys"), 0);
    EXPECT_EQ(value_of<int>(*other, "PRAGMA synchronous"), 1);
}

TEST(sqlite_keyword, is_found_behind_comments) {
    using namespace sqlite;
    EXPECT_EQ(first_keyword(" /* a */ -- b\n begin;"), "BEGIN");
    EXPECT_EQ(first_keyword("/* open"), "");
    EXPECT_EQ(first_keyword("--"), "");
    EXPECT_TRUE(is_blank(" ; -- x\n;/**/"));
    EXPECT_FALSE(is_blank("; x"));
    EXPECT_TRUE(ends_transaction("end"));
    EXPECT_TRUE(ends_transaction("ROLLBACK TRANSACTION"));
    EXPECT_FALSE(ends_transaction("rollback to s"));
    EXPECT_FALSE(ends_transaction("ROLLBACK TRANSACTION TO s"));
    EXPECT_FALSE(may_run_in_transaction("pragma x"));
    EXPECT_TRUE(may_run_in_transaction("INSERT INTO t VALUES (1)"));
}

} // namespace
} // namespace wharf::testing
