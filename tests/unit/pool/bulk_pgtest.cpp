// execute_many() and insert_many(), on both backends.
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <vector>

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct person {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> email{};
};

std::vector<person> people(std::int64_t count) {
    std::vector<person> out;
    for (std::int64_t id = 1; id <= count; ++id)
        out.push_back({id, "name " + std::to_string(id),
                       id % 3 == 0 ? std::optional<std::string>(std::nullopt) : "e" + std::to_string(id)});
    return out;
}

enum class place { postgres, sqlite };

class bulk : public testing::TestWithParam<place> {
protected:
    bulk() { conn.execute("CREATE TABLE people(id int8 PRIMARY KEY, name text NOT NULL, email text)"); }

    [[nodiscard]] std::string url() {
        if (GetParam() == place::sqlite) return "sqlite://";
        database.emplace();
        return database->url();
    }
    [[nodiscard]] bool on_postgres() const { return GetParam() == place::postgres; }
    [[nodiscard]] std::int64_t count(std::string_view where = "true") {
        return conn.query<std::int64_t>(wharf::raw_sql("SELECT count(*) FROM people WHERE " + std::string(where)))
            .one();
    }
    [[nodiscard]] const wharf::driver_counters& counters() { return conn.core().underlying().counters(); }

    std::optional<wharf::test::database> database{};
    wharf::pool pool{url(), {.min_size = 1, .max_size = 1}};
    wharf::connection conn = pool.acquire();
};

INSTANTIATE_TEST_SUITE_P(backends, bulk, testing::Values(place::postgres, place::sqlite),
                         [](const auto& given) { return given.param == place::postgres ? "postgres" : "sqlite"; });

TEST_P(bulk, insert_many__puts_structs_into_the_columns_called_as_their_members) {
    EXPECT_EQ(conn.insert_many("people", people(1000)).rows, 1000U);
    EXPECT_EQ(count(), 1000);
    EXPECT_EQ(count("email IS NULL"), 333);
    EXPECT_EQ(count("email = 'e7' AND name = 'name 7' AND id = 7"), 1);
}

TEST_P(bulk, insert_many__puts_tuples_into_named_columns) {
    const std::vector<std::tuple<const char*, int>> rows{{"Ann", 1}, {"Bob", 2}};
    EXPECT_EQ(conn.insert_many("people", {"name", "id"}, rows).rows, 2U);
    EXPECT_EQ(count("name = 'Bob' AND id = 2"), 1);
    EXPECT_THROW(conn.insert_many("people", {"name"}, rows), wharf::usage_error);
}

TEST_P(bulk, no_rows__do_nothing_and_send_nothing) {
    const auto before = counters().round_trips;
    EXPECT_EQ(conn.insert_many("people", std::vector<person>{}).rows, 0U);
    EXPECT_EQ(conn.execute_many("DELETE FROM people WHERE id = $1", std::vector<int>{}).rows, 0U);
    EXPECT_EQ(counters().round_trips, before);
}

TEST_P(bulk, insert_many_returning__gives_the_keys_in_the_order_of_the_rows) {
    conn.execute(wharf::raw_sql(on_postgres() ? "CREATE TABLE things(id serial PRIMARY KEY, name text)"
                                              : "CREATE TABLE things(id integer PRIMARY KEY, name text)"));
    const auto names = std::views::iota(0, 20'000) | std::views::transform([](int i) { return std::to_string(i); });
    const auto keys = conn.insert_many_returning<std::int64_t, std::string>("things", {"name"}, names, {"id", "name"});
    ASSERT_EQ(keys.size(), 20'000U);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        EXPECT_EQ(std::get<0>(keys[i]), static_cast<std::int64_t>(i + 1));
        EXPECT_EQ(std::get<1>(keys[i]), std::to_string(i));
    }
}

TEST_P(bulk, execute_many__runs_once_for_each_element_and_adds_up) {
    conn.insert_many("people", people(10));
    const std::vector<std::pair<std::string, int>> renames{{"x", 3}, {"y", 4}, {"z", 400}};
    EXPECT_EQ(conn.execute_many("UPDATE people SET name = $1 WHERE id = $2", renames).rows, 2U);
    EXPECT_EQ(count("name = 'y' AND id = 4"), 1);
    EXPECT_EQ(conn.execute_many("DELETE FROM people WHERE id = $1", std::views::iota(1, 6)).rows, 5U);
    EXPECT_EQ(conn.execute_many("INSERT INTO people VALUES ($1, $2, $3)", people(3)).rows, 3U);
    EXPECT_EQ(count(), 8);
}

TEST_P(bulk, element_that_fails__is_named_and_nothing_is_done) {
    for (const std::size_t k : {std::size_t{1}, std::size_t{700}, std::size_t{9999}}) {
        auto rows = people(10'000);
        rows[k].id = 1;
        try {
            conn.execute_many("INSERT INTO people VALUES ($1, $2, $3)", rows);
            FAIL() << "accepted";
        } catch (const wharf::unique_violation& error) {
            EXPECT_EQ(error.fields().element, "element " + std::to_string(k));
            EXPECT_THAT(error.what(), HasSubstr("element " + std::to_string(k)));
        }
        EXPECT_EQ(count(), 0);
        EXPECT_THROW(conn.insert_many("people", rows), wharf::unique_violation);
        EXPECT_EQ(count(), 0);
    }
    EXPECT_FALSE(conn.core().in_transaction());
}

TEST_P(bulk, element_that_fails_in_a_transaction__can_be_rolled_back_to_a_savepoint) {
    auto tx = conn.begin();
    conn.insert_many("people", people(5));
    {
        auto inner = tx.savepoint();
        EXPECT_THROW(conn.insert_many("people", people(10'000)), wharf::unique_violation);
        inner.rollback();
    }
    tx.commit();
    EXPECT_EQ(count(), 5);
}

TEST_P(bulk, source_throws_half_way__its_exception_comes_through_and_nothing_is_done) {
    const auto failing = std::views::iota(1, 50'000) | std::views::transform([](int i) {
                             if (i == 40'000) throw std::out_of_range("no more");
                             return std::pair<std::int64_t, std::string>(i, "name");
                         });
    EXPECT_THROW(conn.insert_many("people", {"id", "name"}, failing), std::out_of_range);
    EXPECT_THROW(conn.execute_many("INSERT INTO people(id, name) VALUES ($1, $2)", failing), std::out_of_range);
    EXPECT_EQ(count(), 0);
}

TEST_P(bulk, arrays_as_values__are_inserted_row_by_row) {
    conn.execute(wharf::raw_sql(on_postgres() ? "CREATE TABLE lists(id int4, numbers int4[])"
                                              : "CREATE TABLE lists(id, numbers)"));
    using row = std::tuple<int, std::vector<int>>;
    EXPECT_EQ(conn.insert_many("lists", {"id", "numbers"}, std::vector<row>{{1, {1, 2}}, {2, {}}, {3, {3}}}).rows, 3U);
    EXPECT_THAT(conn.query<std::vector<int>>("SELECT numbers FROM lists WHERE id = 1").one(), ElementsAre(1, 2));
}

class bulk_postgres : public bulk {};
INSTANTIATE_TEST_SUITE_P(backends, bulk_postgres, testing::Values(place::postgres));

TEST_P(bulk_postgres, round_trips__are_one_for_many_rows_when_warm) {
    const auto trips = [this](auto&& work) {
        const auto before = counters().round_trips;
        work();
        return counters().round_trips - before;
    };
    const auto rows = people(100'000);
    conn.insert_many("people", people(1));
    conn.execute("DELETE FROM people");
    EXPECT_EQ(trips([&] { conn.insert_many("people", rows); }), 1U) << "a few MiB are one write";
    EXPECT_EQ(count(), 100'000);
    const auto ids = std::views::iota(1, 10'001);
    conn.execute_many("DELETE FROM people WHERE id = $1", std::views::iota(1, 2));
    EXPECT_EQ(trips([&] { EXPECT_EQ(conn.execute_many("DELETE FROM people WHERE id = $1", ids).rows, 9'999U); }), 3U)
        << "4096 a trip, the last one with COMMIT";
}

TEST_P(bulk_postgres, more_than_one_write__is_one_transaction) {
    const std::string long_name(1000, 'n');
    const auto rows = std::views::iota(1, 30'001) |
                      std::views::transform([&](int i) { return std::pair<int, std::string_view>(i, long_name); });
    conn.insert_many("people", {"id", "name"}, rows | std::views::take(1));
    conn.execute("DELETE FROM people");
    const auto before = counters().round_trips;
    EXPECT_EQ(conn.insert_many("people", {"id", "name"}, rows).rows, 30'000U);
    EXPECT_EQ(counters().round_trips - before, 4U) << "30 MB, 8 MiB each";
    EXPECT_FALSE(conn.core().in_transaction());
    EXPECT_EQ(database->value("SELECT count(DISTINCT xmin::text) FROM people"), "1");
}

TEST_P(bulk_postgres, values__become_what_the_columns_are) {
    conn.execute("CREATE TYPE mood AS ENUM ('happy', 'sad')");
    conn.execute("CREATE DOMAIN positive AS int4 CHECK (VALUE > 0)");
    conn.execute("CREATE TABLE odd(small int2, cost numeric, words varchar(9), j jsonb, m mood, p positive, u uuid)");
    using row =
        std::tuple<std::int64_t, double, std::string, std::string, std::optional<std::string>, int, const char*>;
    const std::vector<row> rows{{1, 0.5, "a", R"({"k": [1]})", "sad", 5, "6f1b1d4e-7e38-4d0b-9a39-1c5a6c1b7a10"},
                                {2, 1e3, "b\"\\,{", "null", std::nullopt, 6, nullptr}};
    EXPECT_EQ(conn.insert_many("public.odd", {"small", "cost", "words", "j", "m", "p", "u"}, rows).rows, 2U);
    EXPECT_EQ(database->value("SELECT string_agg(concat_ws('|', small, cost, words, j, m, p, u), ' ' ORDER BY small) "
                              "FROM odd"),
              "1|0.5|a|{\"k\": [1]}|sad|5|6f1b1d4e-7e38-4d0b-9a39-1c5a6c1b7a10 2|1000|b\"\\,{|null|6");
    EXPECT_THROW(conn.insert_many("odd", {"small"}, std::vector<int>{1, 100'000}), wharf::conversion_error);
    EXPECT_THROW(conn.insert_many("odd", {"p"}, std::vector<int>{1, -1}), wharf::check_violation);
    EXPECT_EQ(database->value("SELECT count(*) FROM odd"), "2");
}

TEST_P(bulk_postgres, right_to_insert__is_enough) {
    conn.execute("CREATE ROLE bulk_writer");
    conn.execute("GRANT INSERT ON people TO bulk_writer");
    conn.execute("GRANT USAGE ON SCHEMA public TO bulk_writer");
    conn.execute("SET ROLE bulk_writer");
    EXPECT_EQ(conn.insert_many("people", people(10)).rows, 10U);
    EXPECT_EQ(conn.copy_in("people", std::vector<person>{{11, "Ann", {}}}).rows, 1U);
    conn.execute("RESET ROLE");
    EXPECT_EQ(count(), 11);
    conn.execute("DROP OWNED BY bulk_writer");
    conn.execute("DROP ROLE bulk_writer");
}

TEST_P(bulk_postgres, names_with_quotes__are_names) {
    conn.execute("CREATE TABLE \"odd \"\"name\"(\"col\"\"umn\" int4)");
    EXPECT_EQ(conn.insert_many("odd \"name", {"col\"umn"}, std::vector<int>{1, 2}).rows, 2U);
    EXPECT_EQ(database->value("SELECT sum(\"col\"\"umn\") FROM \"odd \"\"name\""), "3");
}

TEST_P(bulk_postgres, value_that_does_not_fit__names_the_element) {
    conn.execute("CREATE TABLE narrow(n int2)");
    try {
        conn.execute_many("INSERT INTO narrow VALUES ($1)", std::vector<int>{1, 2, 100'123});
        FAIL() << "accepted";
    } catch (const wharf::conversion_error& error) {
        EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("element 2"), testing::Not(HasSubstr("100123"))));
    }
    EXPECT_EQ(database->value("SELECT count(*) FROM narrow"), "0");
}

TEST_P(bulk, execute_many__says_that_it_was_the_commit) {
    conn.execute("CREATE TABLE child(id int8 REFERENCES people(id) DEFERRABLE INITIALLY DEFERRED, padding text)");
    for (const std::size_t count : {2U, 5000U}) { // in one batch, and in several with a COMMIT of their own
        std::vector<std::tuple<std::int64_t, std::string>> rows(count, {1, std::string(2000, 'x')});
        conn.execute("INSERT INTO people VALUES (1, 'Ann', NULL) ON CONFLICT DO NOTHING");
        std::get<0>(rows.front()) = 2; // nobody
        try {
            conn.execute_many("INSERT INTO child VALUES ($1, $2)", rows);
            ADD_FAILURE() << "it has committed";
        } catch (const wharf::foreign_key_violation& error) {
            EXPECT_THAT(error.what(), HasSubstr("at the commit of all elements"));
        }
        EXPECT_EQ(conn.query<int>("SELECT count(*) FROM child").one(), 0);
    }
}

} // namespace
