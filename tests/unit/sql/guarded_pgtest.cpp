// What PostgreSQL compares before it writes, and answers when it has.
#include "unit/sql/statements.hpp"

#include <gmock/gmock.h>

#include <span>

namespace wharf::sql::testing {
namespace {

using ::testing::ElementsAre;
using guarded_statements = statements<test::on_postgres>;

TEST_F(guarded_statements, what_the_database_makes_of_values_is_answered) {
    execute("CREATE TABLE stored (id bigint PRIMARY KEY, price numeric(10,2), code char(3), ratio real, note text)");
    constexpr std::array<table_column, 5> all{{{"id", type_oid::int8},
                                               {"price", type_oid::float8},
                                               {"code", type_oid::text},
                                               {"ratio", type_oid::float8},
                                               {"note", type_oid::text}}};
    using stored =
        std::tuple<std::int64_t, bool, std::int64_t, double, std::string, double, std::optional<std::string>>;
    const auto answered = [this](const std::string& text, parameters given) {
        return read<std::int64_t, bool, std::int64_t, double, std::string, double, std::optional<std::string>>(
            text, std::move(given));
    };
    const auto one = insert_row(kind, "stored", all);
    EXPECT_THAT(answered(one, values(std::int64_t{1}, 1.25, "abc", 0.5, "same", 1.25, 0.5)), ElementsAre());
    EXPECT_THAT(answered(one, values(std::int64_t{2}, 1.255, "a", 0.1, std::optional<std::string>(), 1.255, 0.1)),
                ElementsAre(stored(1, true, 2, 1.26, "a  ", double{0.1F}, std::nullopt)));

    parameters many;
    add_array(many, std::int64_t{3}, std::int64_t{4});
    add_array(many, 1.0, 2.001);
    add_array(many, "xyz", "xyz");
    add_array(many, 0.5, 0.5);
    add_array(many, "n", "n");
    add_array(many, 1.0, 2.001);
    add_array(many, 0.5, 0.5);
    EXPECT_THAT(answered(insert_rows("stored", all), std::move(many)),
                ElementsAre(stored(2, true, 4, 2.0, "xyz", 0.5, "n")));

    constexpr std::array<table_column, 1> code{{{"code", type_oid::text}}};
    const auto change = update_row(kind, "stored", {.set = code}, {.key = id});
    EXPECT_THAT((read<std::int64_t, bool, std::string>(change, values("abc", std::int64_t{1}))), ElementsAre());
    EXPECT_THAT((read<std::int64_t, bool, std::string>(change, values("b", std::int64_t{1}))),
                ElementsAre(std::tuple(1, true, "b  ")));
    parameters changes;
    add_array(changes, "abc", "c");
    add_array(changes, std::int64_t{1}, std::int64_t{2});
    EXPECT_THAT(
        (read<std::int64_t, bool, std::string>(update_rows("stored", {.set = code}, {.key = id}), std::move(changes))),
        ElementsAre(std::tuple(2, true, "c  ")));
}

TEST_F(guarded_statements, update_of_a_column_that_holds_something_else_fails) {
    execute("CREATE TABLE held (id bigint PRIMARY KEY, a text, b numeric, c json)");
    execute("INSERT INTO held VALUES (1, 'x', 1.50, '{\"a\": 1}'), (2, NULL, 2, NULL)");
    constexpr std::array<table_column, 1> set{{{"a", type_oid::text}}};
    std::vector<expected_column> expected;
    for (const table_column& column :
         {table_column{"a", type_oid::text}, table_column{"b", type_oid::numeric}, table_column{"c", type_oid::text}})
        expected.push_back({column, test_of(column.type)});
    const row_address where{.key = id, .expected = expected};
    const auto one = update_row(kind, "held", {.set = set}, where);
    const auto number = [](const char* text) { return decimal::parse(text).value(); };
    const auto* const json = R"({"a": 1})";
    // JSON has no equality; a number of another scale is the same number.
    EXPECT_TRUE(mismatch(one, values("y", std::int64_t{1}, "x", number("1.5"), R"({"a":1})")));
    EXPECT_TRUE(mismatch(one, values("y", std::int64_t{1}, "X", number("1.5"), json)));
    EXPECT_TRUE(mismatch(one, values("y", std::int64_t{1}, "x", number("1.51"), json)));
    EXPECT_FALSE(mismatch(one, values("y", std::int64_t{1}, "x", number("1.5"), json)));

    const auto many = update_rows("held", {.set = set}, where);
    const auto changes = [&](const char* first, std::optional<std::string> second) {
        parameters all;
        add_array(all, "p", "q");
        add_array(all, std::int64_t{1}, std::int64_t{2});
        add_array(all, std::optional<std::string>(first), second);
        add_array(all, number("1.5"), number("2.0"));
        add_array(all, std::optional<std::string>(json), std::optional<std::string>());
        return all;
    };
    const auto stale = mismatch(many, changes("y", "not null"));
    ASSERT_TRUE(stale);
    EXPECT_THAT(stale->missing, ElementsAre(2U));
    EXPECT_FALSE(mismatch(many, changes("y", std::nullopt)));
}

TEST_F(guarded_statements, values_that_are_only_called_equal_are_told_apart) {
    execute("CREATE EXTENSION citext");
    execute("CREATE TABLE held (id bigint PRIMARY KEY, a box, b interval, c citext)");
    execute("INSERT INTO held VALUES (1, '(1,1),(0,0)', '1 mon', 'Bob')");
    constexpr std::array<table_column, 1> set{{{"c", type_oid::text}}};
    std::vector<expected_column> expected;
    for (const auto* name : {"a", "b", "c"})
        expected.push_back({{name, type_oid::text}, test_of(type_oid::text)});
    const auto one = update_row(kind, "held", {.set = set}, {.key = id, .expected = expected});
    EXPECT_TRUE(mismatch(one, values("x", std::int64_t{1}, "(2,1),(1,0)", "1 mon", "Bob")));
    EXPECT_TRUE(mismatch(one, values("x", std::int64_t{1}, "(1,1),(0,0)", "30 days", "Bob")));
    EXPECT_TRUE(mismatch(one, values("x", std::int64_t{1}, "(1,1),(0,0)", "1 mon", "bob")));
    EXPECT_FALSE(mismatch(one, values("x", std::int64_t{1}, "(1,1),(0,0)", "1 mon", "Bob")));
}

TEST_F(guarded_statements, large_value_is_compared_by_its_hash) {
    execute("CREATE TABLE large (id bigint PRIMARY KEY, a text, b bytea)");
    execute("INSERT INTO large VALUES (1, repeat('é', 5000), decode(repeat('00ff', 2000), 'hex'))");
    constexpr std::array<table_column, 1> set{{{"a", type_oid::text}}};
    const std::array<expected_column, 2> expected{
        {{{"a", type_oid::text}, value_test::hash}, {{"b", type_oid::bytea}, value_test::hash}}};
    const auto one = update_row(kind, "large", {.set = set}, {.key = id, .expected = expected});
    const auto hash = [this](const char* of) {
        return read<std::vector<std::byte>>(std::string("SELECT sha256(") + of + ") FROM large").front();
    };
    const auto text = hash("convert_to(repeat('é', 5000), 'UTF8')");
    const auto bytes = hash("decode(repeat('00ff', 2000), 'hex')");
    EXPECT_TRUE(mismatch(one, values("x", std::int64_t{1}, bytes, bytes)));
    EXPECT_FALSE(mismatch(one, values("x", std::int64_t{1}, text, bytes)));
}

TEST_F(guarded_statements, value_that_its_member_cannot_hold_fails_in_the_server) {
    execute("CREATE TABLE filled (id bigint PRIMARY KEY DEFAULT 3000000000, note text, made integer)");
    constexpr std::array<table_column, 1> note{{{"note", type_oid::text, false}}};
    constexpr std::array<table_column, 1> small_id{{{"id", type_oid::int4, false}}};
    constexpr std::array<table_column, 1> made{{{"made", type_oid::int8, false}}};
    const auto unfit = [this](const std::string& text, parameters all) -> std::optional<bool> {
        try {
            execute(text, std::move(all));
            return std::nullopt;
        } catch (const database_error& error) {
            const auto found = read_unfit(error);
            EXPECT_TRUE(found);
            EXPECT_EQ(found->place, 0U);
            return found->null;
        }
    };
    EXPECT_EQ(unfit(insert_row(kind, "filled", note, small_id), values("x")), false);
    EXPECT_EQ(unfit(insert_row(kind, "filled", note, made), values("x")), true);
    EXPECT_EQ(unfit(insert_row(kind, "filled", note, {}), values(std::optional<std::string>())), true);
    EXPECT_EQ(unfit(insert_row(kind, "filled", note, {}), values("x")), std::nullopt);
}

TEST_F(guarded_statements, parameters_are_of_the_column_s_type) {
    execute("CREATE TYPE mood AS ENUM ('sad', 'happy')");
    execute("CREATE DOMAIN label AS varchar(10) CHECK (value <> '')");
    execute("CREATE TABLE typed (id uuid PRIMARY KEY, m mood, j jsonb, l label, i interval, n inet)");
    constexpr std::array<table_column, 6> all{{{"id", type_oid::text},
                                               {"m", type_oid::text},
                                               {"j", type_oid::text},
                                               {"l", type_oid::text},
                                               {"i", type_oid::text},
                                               {"n", type_oid::text}}};
    const auto key = std::span(all).first(1);
    const std::string first = "00000000-0000-0000-0000-000000000001";
    const std::string second = "00000000-0000-0000-0000-000000000002";
    execute(insert_row(kind, "typed", all), values(first, "sad", R"({"a":1})", "x", "1 mon", "10.0.0.1"));
    parameters arrays;
    add_array(arrays, second, "00000000-0000-0000-0000-000000000003");
    add_array(arrays, "happy", "sad");
    add_array(arrays, "1", "2");
    add_array(arrays, "y", "z");
    add_array(arrays, "1 day", "2 days");
    add_array(arrays, "::1", "10.0.0.0/8");
    execute(insert_rows("typed", all), std::move(arrays));
    std::vector<expected_column> expected;
    for (const auto& column : std::span(all).subspan(1))
        expected.push_back({column, test_of(column.type)});
    const auto set = std::span(all).subspan(1, 3);
    execute(update_row(kind, "typed", {.set = set}, {.key = key, .expected = expected}),
            values("happy", "[1]", "w", first, "sad", R"({"a": 1})", "x", "1 mon", "10.0.0.1"));
    parameters changes;
    add_array(changes, "sad", "sad");
    add_array(changes, "3", "4");
    add_array(changes, "p", "q");
    add_array(changes, first, second);
    add_array(changes, "happy", "happy");
    add_array(changes, "[1]", "1");
    add_array(changes, "w", "y");
    add_array(changes, "1 mon", "1 day");
    add_array(changes, "10.0.0.1", "::1");
    execute(update_rows("typed", {.set = set}, {.key = key, .expected = expected}), std::move(changes));
    constexpr std::array<std::string_view, 1> columns{"l"};
    EXPECT_THAT(read<std::string>(select_by(kind, "typed", columns, key), values(second)), ElementsAre("q"));
    parameters keys;
    add_array(keys, first, second);
    const auto wanted = values(first, second);
    auto by_any = select_by_any(kind, "typed", columns, key, std::span(&wanted, 1), columns);
    EXPECT_THAT(read<std::string>(by_any.text, std::move(by_any.values)), ElementsAre("p", "q"));
    execute(delete_rows("typed", {.key = key}), std::move(keys));
    EXPECT_THAT(read<std::string>("SELECT l FROM typed"), ElementsAre("z"));
}

} // namespace
} // namespace wharf::sql::testing
