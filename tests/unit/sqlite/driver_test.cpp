#include "unit/sqlite/fixture.hpp"

#include <limits>

namespace wharf::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class sqlite_driver_test : public sqlite_file {
protected:
    std::shared_ptr<connector> connector_ = make();
    std::unique_ptr<driver> driver_ = open(*connector_);
    driver& db_ = *driver_;
};

template <class T>
T stored(driver& db, const T& value) {
    return value_of<T>(db, "SELECT $1", value);
}

TEST_F(sqlite_driver_test, every_type_comes_back_as_it_was_stored) {
    EXPECT_EQ(stored(db_, true), true);
    EXPECT_EQ(stored(db_, std::int16_t{-5}), -5);
    EXPECT_EQ(stored(db_, std::numeric_limits<std::int64_t>::min()), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(stored(db_, std::uint32_t{4'000'000'000}), 4'000'000'000U);
    EXPECT_EQ(stored(db_, 0.1F), 0.1F);
    EXPECT_EQ(stored(db_, 0.1), 0.1);
    EXPECT_EQ(stored(db_, -std::numeric_limits<double>::infinity()), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(stored(db_, std::string("h\xc3\xa9\0x", 5)), std::string("h\xc3\xa9\0x", 5));
    EXPECT_EQ(stored(db_, std::string()), "");
    EXPECT_EQ(stored(db_, std::vector<std::byte>{std::byte{0}, std::byte{1}}).size(), 2U);
    EXPECT_EQ(stored(db_, std::vector<std::byte>{}).size(), 0U);
    EXPECT_EQ(stored(db_, json("{\"a\":1}")), json("{\"a\":1}"));
    const auto key = uuid::random();
    EXPECT_EQ(stored(db_, key), key);
    const timestamptz moment{1'700'000'000'123'456us};
    EXPECT_EQ(stored(db_, moment), moment);
    EXPECT_EQ(stored(db_, timestamp{-1us}), timestamp{-1us});
    const date day{std::chrono::year{2024} / 2 / 29};
    EXPECT_EQ(stored(db_, day), day);
    EXPECT_TRUE(stored(db_, unbounded<timestamptz>::infinity()).is_infinity());
    EXPECT_TRUE(stored(db_, unbounded<date>::minus_infinity()).is_minus_infinity());
    EXPECT_EQ(stored(db_, std::vector<float>{1.5F, -2}), (std::vector<float>{1.5F, -2}));
    EXPECT_EQ(stored(db_, std::vector<double>{}), std::vector<double>{});
    EXPECT_EQ(stored(db_, std::vector<std::int64_t>{1, -2}), (std::vector<std::int64_t>{1, -2}));
    EXPECT_EQ(stored(db_, std::vector<std::string>{"a\"", ""}), (std::vector<std::string>{"a\"", ""}));
    EXPECT_EQ(stored(db_, std::vector<bool>{true, false}), (std::vector<bool>{true, false}));
    EXPECT_EQ(stored(db_, std::vector<uuid>{key}), std::vector<uuid>{key});
    EXPECT_EQ(stored(db_, std::optional<int>{}), std::nullopt);
    EXPECT_EQ(stored(db_, std::optional<int>{3}), 3);
}

TEST_F(sqlite_driver_test, types_without_a_storage_class_come_back_from_text) {
    const auto price = decimal::parse("12345678901234567890.50").value();
    EXPECT_EQ(to_string(stored(db_, price)), "12345678901234567890.50");
    EXPECT_TRUE(stored(db_, decimal::nan()).is_nan());
    EXPECT_EQ(stored(db_, interval{14, -3, 1}), (interval{14, -3, 1}));
    EXPECT_EQ(stored(db_, 90min), 90min);
    EXPECT_EQ(stored(db_, time_of_day{24h}), time_of_day{24h});
    EXPECT_EQ(stored(db_, timetz{1h, 2h}), (timetz{1h, 2h}));
    EXPECT_EQ(stored(db_, *inet::parse("10.0.0.1/8")), *inet::parse("10.0.0.1/8"));
    EXPECT_EQ(stored(db_, *cidr::parse("::/0")), *cidr::parse("::/0"));
    EXPECT_EQ(stored(db_, macaddr{{1, 2, 3, 4, 5, 6}}), (macaddr{{1, 2, 3, 4, 5, 6}}));
    EXPECT_EQ(stored(db_, *bit_string::parse("0101")), *bit_string::parse("0101"));
    EXPECT_EQ(stored(db_, money{-5}), money{-5});
    EXPECT_EQ(stored(db_, pg_lsn{7}), pg_lsn{7});
    EXPECT_EQ(stored(db_, 'x'), 'x');
    EXPECT_EQ(stored(db_, geometry::polygon({{1, 2}, {3, 4}})), geometry::polygon({{1, 2}, {3, 4}}));
    EXPECT_EQ(stored(db_, range<std::int32_t>(1, 5)), range<std::int32_t>(1, 5));
    EXPECT_EQ(stored(db_, range<timestamptz>(date{}, std::nullopt)), range<timestamptz>(date{}, std::nullopt));
    EXPECT_EQ(stored(db_, multirange<decimal>{{decimal(1), price}}), (multirange<decimal>{{decimal(1), price}}));
    using nested = std::vector<std::vector<std::optional<int>>>;
    EXPECT_EQ(stored(db_, nested{{1, std::nullopt}, {2, 3}}), (nested{{1, std::nullopt}, {2, 3}}));
    EXPECT_EQ(stored(db_, std::vector<std::vector<double>>{{0.1}, {1e300}}),
              (std::vector<std::vector<double>>{{0.1}, {1e300}}));
    EXPECT_EQ(stored(db_, std::vector<std::optional<float>>{0.1F, std::nullopt}),
              (std::vector<std::optional<float>>{0.1F, std::nullopt}));
    EXPECT_EQ(stored(db_, std::vector<decimal>{price}), std::vector<decimal>{price});
    EXPECT_EQ(stored(db_, std::vector<date>{date{}}), std::vector<date>{date{}});
    EXPECT_EQ(stored(db_, std::vector<interval>{interval{1, 2, 3}}), (std::vector<interval>{interval{1, 2, 3}}));
    const std::vector<std::vector<std::byte>> blobs{{std::byte{0}, std::byte{255}}, {}};
    EXPECT_EQ(stored(db_, blobs), blobs);
}

TEST_F(sqlite_driver_test, values_are_kept_in_readable_forms) {
    const timestamptz moment{1'700'000'000'000'000us};
    EXPECT_EQ(value_of<std::string>(db_, "SELECT $1", moment), "2023-11-14 22:13:20.000000");
    EXPECT_EQ(value_of<std::string>(db_, "SELECT typeof($1)", true), "integer");
    EXPECT_EQ(value_of<std::string>(db_, "SELECT typeof($1)", json("1")), "text");
    EXPECT_EQ(value_of<std::string>(db_, "SELECT typeof($1)", uuid::random()), "text");
    EXPECT_EQ(value_of<std::string>(db_, "SELECT typeof($1)", std::vector<float>{1}), "blob");
    EXPECT_EQ(value_of<std::string>(db_, "SELECT $1", std::vector<std::int32_t>{1, 2}), "[1,2]");
    EXPECT_EQ(value_of<std::int64_t>(db_, "SELECT sum(value) FROM json_each($1)", std::vector<std::int64_t>{1, 2}), 3);
    EXPECT_EQ(value_of<std::string>(db_, "SELECT $1", decimal(5)), "5");
    EXPECT_EQ(value_of<std::string>(db_, "SELECT $1", range<std::int32_t>(1, 5)), "[1,5)");
    EXPECT_EQ(value_of<std::string>(db_, "SELECT $1", interval::of_days(1)), "1 day");
    EXPECT_EQ(value_of<std::string>(db_, "SELECT $1", std::vector<decimal>{decimal(1)}), "[1]");
}

TEST_F(sqlite_driver_test, value_that_sqlite_cannot_keep_is_refused_with_its_number) {
    const auto refusal = [&](const auto& value) -> std::string {
        try {
            execute(db_, "SELECT $1, $2", 1, value);
        } catch (const conversion_error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(refusal(std::numeric_limits<double>::quiet_NaN()),
                HasSubstr("parameter $2: SQLite would keep NaN as NULL"));
    EXPECT_THAT(refusal(date{std::chrono::year{10'000} / 1 / 1}), HasSubstr("0000 to 9999"));
    EXPECT_THAT(refusal(timestamptz::max()), HasSubstr("0000 to 9999"));
    EXPECT_THAT(refusal(array<int>({{1, 0}}, {7})), HasSubstr("indexes do not start at 1"));
    EXPECT_THAT(refusal(std::vector<decimal>{decimal::nan()}), HasSubstr("NaN and infinities in an array"));
    EXPECT_TRUE(db_.usable());
}

TEST_F(sqlite_driver_test, placeholders_are_bound_by_number) {
    const auto row = rows<std::string, std::string, std::string>(execute(db_, "SELECT $2, $1, $2", "a", "b")).one();
    EXPECT_EQ(row, std::make_tuple("b", "a", "b"));
    EXPECT_EQ(value_of<std::string>(db_, "SELECT '$2' || $1 -- $3", "a"), "$2a");
    std::string many = "SELECT $12 || $1";
    EXPECT_EQ(value_of<std::string>(db_, many + "||$2||$3||$4||$5||$6||$7||$8||$9||$10||$11", "a", "b", "c", "d", "e",
                                    "f", "g", "h", "i", "j", "k", "l"),
              "labcdefghijk");
}

TEST_F(sqlite_driver_test, wrong_number_of_values_is_an_error) {
    EXPECT_EQ(error_of(db_, "SELECT $1, $2", 1).sqlstate(), "42P02");
    EXPECT_EQ(error_of(db_, "SELECT $1", 1, 2).sqlstate(), "08P01");
    EXPECT_EQ(error_of(db_, "SELECT $1, $3", 1, 2, 3).sqlstate(), "42P18");
    EXPECT_EQ(error_of(db_, "SELECT $1").sqlstate(), "42P02");
    EXPECT_EQ(error_of(db_, "SELECT :name", 1).sqlstate(), "42601");
    EXPECT_EQ(error_of(db_, "SELECT ?", 1).sqlstate(), "42601");
    EXPECT_EQ(error_of(db_, "SELECT $1::int", 1).sqlstate(), "42601");
    EXPECT_EQ(error_of(db_, "SELECT $name", 1).sqlstate(), "42601");
}

TEST_F(sqlite_driver_test, affected_counts_rows_changed_or_selected) {
    EXPECT_EQ(execute(db_, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)").affected(), 0U);
    EXPECT_EQ(execute(db_, "INSERT INTO t(v) VALUES ('a'), ('b'), ('c')").affected(), 3U);
    EXPECT_EQ(execute(db_, "CREATE TABLE u(id INTEGER)").affected(), 0U);
    EXPECT_EQ(execute(db_, "UPDATE t SET v = 'x' WHERE id > 1").affected(), 2U);
    EXPECT_EQ(execute(db_, "UPDATE t SET v = 'x' WHERE id > 99").affected(), 0U);
    EXPECT_EQ(execute(db_, "SELECT * FROM t").affected(), 3U);
    EXPECT_EQ(execute(db_, "INSERT INTO t(v) VALUES ('d') RETURNING id").size(), 1U);
    EXPECT_EQ(execute(db_, "DELETE FROM t").affected(), 4U);
    EXPECT_EQ(execute(db_, "").affected(), 0U);
    EXPECT_EQ(execute(db_, " -- nothing").affected(), 0U);
}

TEST_F(sqlite_driver_test, rows_may_be_dropped) {
    std::vector<batch_item> items{item("SELECT 1 UNION SELECT 2")};
    run(db_, items);
    EXPECT_FALSE(items[0].error);
    EXPECT_EQ(items[0].affected, 2U);
}

TEST_F(sqlite_driver_test, many_rows_and_large_values_arrive) {
    const auto all = rows<std::int64_t, std::string>(
        execute(db_, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                     "SELECT i, printf('%.*c', i % 3, 'x') FROM n"));
    ASSERT_EQ(all.size(), 20'000U);
    EXPECT_EQ(std::get<0>(all[19'999]), 20'000);
    EXPECT_EQ(std::get<1>(all[19'999]), "xx");
    const std::string large(5'000'000, 'y');
    EXPECT_EQ(stored(db_, large), large);
}

TEST_F(sqlite_driver_test, cached_statement_follows_changes_of_its_table) {
    execute(db_, "CREATE TABLE t(a INTEGER)");
    execute(db_, "INSERT INTO t VALUES (1)");
    EXPECT_EQ(execute(db_, "SELECT * FROM t").shape().columns.size(), 1U);
    execute(db_, "ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'x'");
    const auto after = execute(db_, "SELECT * FROM t");
    EXPECT_EQ(after.shape().columns.size(), 2U);
    EXPECT_EQ((rows<int, std::string>(after).one()), std::make_tuple(1, "x"));
}

TEST_F(sqlite_driver_test, more_statements_than_the_cache_holds_work) {
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 300; ++i)
            EXPECT_EQ(value_of<int>(db_, "SELECT " + std::to_string(i) + " + $1", 1), i + 1);
}

TEST_F(sqlite_driver_test, several_commands_are_one_utility_but_no_statement) {
    EXPECT_EQ(error_of(db_, "SELECT 1; SELECT 2").sqlstate(), "42601");
    EXPECT_EQ(value_of<int>(db_, "SELECT 1; -- done"), 1);
    std::vector<batch_item> items{utility("CREATE TABLE a(i); CREATE TABLE b(i); INSERT INTO b VALUES (1); ")};
    run(db_, items);
    EXPECT_EQ(sqlstate_of(items[0].error), "none");
    EXPECT_EQ(value_of<int>(db_, "SELECT i FROM b"), 1);
}

TEST_F(sqlite_driver_test, transaction_status_follows_the_connection) {
    EXPECT_EQ(db_.status(), transaction_status::idle);
    execute(db_, "CREATE TABLE t(i INTEGER)");
    execute(db_, "BEGIN");
    EXPECT_EQ(db_.status(), transaction_status::active);
    execute(db_, "INSERT INTO t VALUES (1)");
    execute(db_, "SAVEPOINT s");
    execute(db_, "INSERT INTO t VALUES (2)");
    execute(db_, "ROLLBACK TO s");
    execute(db_, "COMMIT");
    EXPECT_EQ(db_.status(), transaction_status::idle);
    EXPECT_EQ(value_of<int>(db_, "SELECT count(*) FROM t"), 1);
    EXPECT_EQ(error_of(db_, "COMMIT").sqlstate(), "25P01");
}

TEST_F(sqlite_driver_test, error_skips_the_rest_of_its_group_only) {
    execute(db_, "CREATE TABLE t(i INTEGER PRIMARY KEY)");
    std::vector<batch_item> items{item("INSERT INTO t VALUES (1)"),        end(item("INSERT INTO t VALUES (1)")),
                                  item("INSERT INTO t VALUES (nonsense)"), item("INSERT INTO t VALUES (3)"),
                                  end(item("INSERT INTO t VALUES (4)")),   item("INSERT INTO t VALUES (5)")};
    run(db_, items);
    EXPECT_EQ(sqlstate_of(items[0].error), "none");
    EXPECT_EQ(sqlstate_of(items[1].error), "23505");
    EXPECT_EQ(sqlstate_of(items[2].error), "42703");
    EXPECT_TRUE(items[3].skipped && items[4].skipped);
    EXPECT_EQ(sqlstate_of(items[3].error), "25P02");
    EXPECT_FALSE(items[5].error);
    // A group outside a transaction is one: its first INSERT went with its second.
    EXPECT_EQ(rows<int>(execute(db_, "SELECT i FROM t")).one(), 5);
}

TEST_F(sqlite_driver_test, group_with_begin_is_left_to_its_owner) {
    execute(db_, "CREATE TABLE t(i INTEGER PRIMARY KEY)");
    std::vector<batch_item> items{utility("BEGIN"), item("INSERT INTO t VALUES (1)"), item("INSERT INTO t VALUES (1)"),
                                  utility("COMMIT")};
    run(db_, items);
    EXPECT_TRUE(items[3].skipped);
    EXPECT_EQ(db_.status(), transaction_status::active);
    execute(db_, "COMMIT");
    EXPECT_EQ(value_of<int>(db_, "SELECT count(*) FROM t"), 1);
}

TEST_F(sqlite_driver_test, group_may_use_a_table_that_it_makes) {
    std::vector<batch_item> items{item("CREATE TABLE t(i INTEGER)"), item("INSERT INTO t VALUES (7)")};
    run(db_, items);
    EXPECT_FALSE(items[1].error);
    EXPECT_EQ(value_of<int>(db_, "SELECT i FROM t"), 7);
}

TEST_F(sqlite_driver_test, deferred_foreign_key_fails_the_end_of_a_group) {
    execute(db_, "CREATE TABLE p(id INTEGER PRIMARY KEY)");
    execute(db_, "CREATE TABLE c(p INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
    std::vector<batch_item> bad{item("INSERT INTO c VALUES (1)"), item("SELECT 1")};
    run(db_, bad);
    EXPECT_EQ(sqlstate_of(bad[1].error), "23503");
    EXPECT_EQ(db_.status(), transaction_status::idle);
    std::vector<batch_item> good{item("INSERT INTO c VALUES (1)"), item("INSERT INTO p VALUES (1)")};
    run(db_, good);
    EXPECT_FALSE(good[1].error);
    EXPECT_EQ(value_of<int>(db_, "SELECT count(*) FROM c"), 1);
}

TEST_F(sqlite_driver_test, transaction_that_sqlite_rolled_back_counts_as_failed) {
    execute(db_, "CREATE TABLE t(i INTEGER PRIMARY KEY ON CONFLICT ROLLBACK)");
    execute(db_, "BEGIN");
    execute(db_, "INSERT INTO t VALUES (1)");
    EXPECT_EQ(error_of(db_, "INSERT INTO t VALUES (1)").sqlstate(), "23505");
    EXPECT_EQ(db_.status(), transaction_status::failed);
    EXPECT_EQ(error_of(db_, "INSERT INTO t VALUES (2)").sqlstate(), "25P02");
    execute(db_, "ROLLBACK");
    EXPECT_EQ(db_.status(), transaction_status::idle);
    EXPECT_EQ(value_of<int>(db_, "SELECT count(*) FROM t"), 0);
    execute(db_, "BEGIN");
    execute(db_, "INSERT INTO t VALUES (1)");
    error_of(db_, "INSERT INTO t VALUES (1)");
    EXPECT_EQ(error_of(db_, "COMMIT").sqlstate(), "25P02");
    EXPECT_EQ(db_.status(), transaction_status::idle);
}

class recorder : public statement_observer {
public:
    void on_statement(std::string_view sql, std::size_t count) override {
        seen.push_back(std::string(sql) + "/" + std::to_string(count));
    }
    void on_round_trip() override { ++round_trips; }
    std::vector<std::string> seen{};
    int round_trips{0};
};

TEST_F(sqlite_driver_test, observer_sees_statements_and_batches) {
    recorder seen;
    db_.observe(&seen);
    parameters values;
    encode_parameter(values, 1);
    std::vector<batch_item> items{item("SELECT $1", &values), item("SELECT 2")};
    run(db_, items);
    io::run(db_.ping());
    EXPECT_EQ(seen.seen, (std::vector<std::string>{"SELECT $1/1", "SELECT 2/0"}));
    EXPECT_EQ(seen.round_trips, 1);
    EXPECT_EQ(db_.counters().statements, 2U);
    EXPECT_EQ(db_.counters().round_trips, 1U);
}

TEST_F(sqlite_driver_test, deadline_stops_a_long_statement_and_ends_the_connection) {
    parameters none;
    auto forever = item("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
    EXPECT_THROW(io::run(db_.run({&forever, 1}), call_options(20ms)), timed_out);
    EXPECT_FALSE(db_.usable());
    EXPECT_THROW(execute(db_, "SELECT 1"), connection_lost);
    EXPECT_THROW(io::run(db_.ping()), connection_lost);
    io::run(db_.close());
}

TEST_F(sqlite_driver_test, ping_and_close_work) {
    io::run(db_.ping());
    execute(db_, "CREATE TABLE t(i INTEGER)");
    io::run(db_.close());
    EXPECT_FALSE(db_.usable());
    EXPECT_FALSE(std::filesystem::exists(path() + "-wal")); // written back
    EXPECT_THROW(io::run(db_.ping()), connection_lost);
    io::run(db_.close());
}

TEST_F(sqlite_driver_test, reset_leaves_nothing_of_the_last_borrower) {
    execute(db_, "CREATE TABLE t(i INTEGER PRIMARY KEY)");
    execute(db_, "CREATE TEMP TABLE mine(i)");
    execute(db_, "CREATE TEMP TRIGGER spy AFTER INSERT ON t BEGIN SELECT RAISE(ABORT, 'spy'); END");
    execute(db_, "CREATE TEMP VIEW v AS SELECT 1");
    execute(db_, "PRAGMA foreign_keys = OFF");
    execute(db_, "PRAGMA busy_timeout = 1");
    execute(db_, "ATTACH ':memory:' AS \"other \"\"one\"");
    execute(db_, "PRAGMA query_only = ON");
    execute(db_, "BEGIN");
    db_.reset_before_next();
    std::vector<batch_item> items{item("INSERT INTO t VALUES (1)")};
    run(db_, items);
    EXPECT_EQ(sqlstate_of(items[0].error), "none");
    EXPECT_EQ(db_.status(), transaction_status::idle);
    EXPECT_EQ(value_of<int>(db_, "PRAGMA foreign_keys"), 1);
    EXPECT_EQ(value_of<int>(db_, "SELECT count(*) FROM pragma_database_list WHERE name NOT IN ('main', 'temp')"), 0);
    EXPECT_EQ(value_of<int>(db_, "SELECT count(*) FROM sqlite_temp_schema"), 0);
    EXPECT_EQ(db_.counters().round_trips, 13U);
    EXPECT_EQ(error_of(db_, "SELECT * FROM mine").sqlstate(), "42P01");
}

} // namespace
} // namespace wharf::testing
