// Both servers take the statements, and do what they are for.
#include "unit/sql/statements.hpp"

#include <gmock/gmock.h>

namespace wharf::sql::testing {
namespace {

using ::testing::ElementsAre;

TYPED_TEST_SUITE(statements, test::backends);

TYPED_TEST(statements, inserted_rows_are_found_changed_and_deleted) {
    const auto insert = insert_row(this->kind, this->table, name_and_age, id);
    EXPECT_THAT(this->keys(insert, values("Ann", 30)), ElementsAre(1));
    EXPECT_THAT(this->keys(insert, values("Bob", std::optional<std::int32_t>())), ElementsAre(2));
    this->execute(insert_row(this->kind, this->table, {}));
    constexpr std::array<std::string_view, 2> columns{"id", "name"};
    EXPECT_THAT((this->template read<std::int64_t, std::string>(select_by(this->kind, this->table, columns, id),
                                                                values(std::int64_t{2}))),
                ElementsAre(std::tuple(2, "Bob")));
    const row_address where{.key = id, .version = &version};
    this->execute(update_row(this->kind, this->table, {.set = name_and_age}, where),
                  values("Eve", 31, std::int64_t{1}, std::int64_t{0}));
    this->execute(delete_row(this->kind, this->table, {.key = id}), values(std::int64_t{3}));
    EXPECT_THAT((this->template read<std::string, std::int64_t>(R"(SELECT name, version FROM "us""ers" ORDER BY id)")),
                ElementsAre(std::tuple("Eve", 1), std::tuple("Bob", 0)));
}

TYPED_TEST(statements, many_keys_are_looked_up_at_once) {
    const auto insert = insert_row(this->kind, this->table, name_and_age);
    for (const auto* name : {"a", "b", "c"})
        this->execute(insert, values(name, 1));
    constexpr std::array<std::string_view, 1> columns{"name"};
    const auto keys = values(std::int64_t{3}, std::int64_t{1});
    auto by_id = select_by_any(this->kind, this->table, columns, id, std::span(&keys, 1), by_id_order);
    EXPECT_THAT(this->template read<std::string>(by_id.text, std::move(by_id.values)), ElementsAre("a", "c"));

    constexpr std::array<table_column, 2> pair{{{"id", type_oid::int8}, {"age", type_oid::int4}}};
    const std::array<parameters, 2> pairs{values(std::int64_t{2}, std::int64_t{3}), values(1, 2)};
    auto by_pair = select_by_any(this->kind, this->table, columns, pair, pairs, by_id_order);
    EXPECT_THAT(this->template read<std::string>(by_pair.text, std::move(by_pair.values)), ElementsAre("b"));
}

TYPED_TEST(statements, conditions_of_every_kind_are_taken) {
    const auto insert = insert_row(this->kind, this->table, name_and_age);
    this->execute(insert, values("50%", 50));
    this->execute(insert, values("500", 5));
    this->execute(insert, values(std::optional<std::string>(), 7));
    const auto name = column(this->table, "name");
    const auto age = column(this->table, "age");
    const auto find = [&](expression where, std::optional<std::int64_t> limit = {},
                          std::optional<std::int64_t> offset = {}) {
        select_statement statement{.from = this->table, .where = std::move(where), .limit = limit, .offset = offset};
        statement.order = {{age, true}};
        auto made = render_select(this->kind, statement, {"age"});
        return this->template read<std::int32_t>(made.text, std::move(made.values));
    };
    EXPECT_THAT(find({}), ElementsAre(50, 7, 5));
    EXPECT_THAT(find({}, 1, 1), ElementsAre(7));
    EXPECT_THAT(find({}, {}, 1), ElementsAre(7, 5));
    EXPECT_THAT(find(like(name, escape_pattern("50%"))), ElementsAre(50));
    EXPECT_THAT(find(like(name, "50%")), ElementsAre(50, 5));
    EXPECT_THAT(find(is_null(name)), ElementsAre(7));
    EXPECT_THAT(find(identical(name, value(values(std::optional<std::string>())))), ElementsAre(7));
    EXPECT_THAT(find(identical(name, value(values("500")), true)), ElementsAre(50, 7));
    EXPECT_THAT(find(in_list(age, values(5, 7, 9))), ElementsAre(7, 5));
    EXPECT_THAT(find(in_list(age, {})), ElementsAre());
    EXPECT_THAT(find(negate(either(compare(comparison::less, age, value(values(6))), is_null(name)))), ElementsAre(50));
    EXPECT_THAT(find(constant(true)), ElementsAre(50, 7, 5));

    select_statement few{.from = this->table, .where = compare(comparison::greater, age, value(values(5)))};
    auto counted = render_count(this->kind, few);
    EXPECT_THAT(this->template read<std::int64_t>(counted.text, std::move(counted.values)), ElementsAre(2));
    few.limit = 1;
    counted = render_count(this->kind, few);
    EXPECT_THAT(this->template read<std::int64_t>(counted.text, std::move(counted.values)), ElementsAre(1));
    auto exists = render_exists(this->kind, few);
    EXPECT_THAT(this->template read<bool>(exists.text, std::move(exists.values)), ElementsAre(true));
}

// What only PostgreSQL does.
using guarded_statements = statements<test::on_postgres>;

TEST_F(guarded_statements, rows_are_inserted_in_the_order_of_their_arrays) {
    parameters arrays;
    add_array(arrays, "c", "a", "b");
    add_array(arrays, 1, std::optional<std::int32_t>(), 3);
    EXPECT_THAT(keys(insert_rows(table, name_and_age, id), std::move(arrays)), ElementsAre(1, 2, 3));
    EXPECT_THAT(names(), ElementsAre("c", "a", "b"));
}

TEST_F(guarded_statements, keys_come_from_the_sequence_of_the_column) {
    EXPECT_THAT(this->template read<std::int64_t>(next_keys(table, "id"), values(std::int32_t{3})),
                ElementsAre(1, 2, 3));
    EXPECT_THAT(keys(insert_row(kind, table, name_and_age, id), values("after", 1)), ElementsAre(4));
}

TEST_F(guarded_statements, many_rows_are_updated_and_deleted_unless_one_is_missing) {
    parameters arrays;
    add_array(arrays, "a", "b");
    add_array(arrays, 1, 2);
    execute(insert_rows(table, name_and_age), std::move(arrays));
    const auto update = update_rows(table, {.set = name_and_age}, {.key = id, .version = &version});
    const auto changes = [](std::int64_t second_version) {
        parameters all;
        add_array(all, "A", "B");
        add_array(all, 10, 20);
        add_array(all, std::int64_t{1}, std::int64_t{2});
        add_array(all, std::int64_t{0}, second_version);
        return all;
    };
    const auto stale = mismatch(update, changes(7));
    ASSERT_TRUE(stale);
    EXPECT_EQ(stale->matched, 1U);
    EXPECT_EQ(stale->expected, 2U);
    EXPECT_THAT(stale->missing, ElementsAre(2U));
    EXPECT_THAT(names(), ElementsAre("a", "b"));
    EXPECT_FALSE(mismatch(update, changes(0)));
    EXPECT_THAT(names(), ElementsAre("A", "B"));

    const auto remove = delete_rows(table, {.key = id});
    parameters keys;
    add_array(keys, std::int64_t{1}, std::int64_t{2});
    EXPECT_FALSE(mismatch(remove, keys));
    EXPECT_EQ(mismatch(remove, keys)->matched, 0U);
    parameters versioned;
    add_array(versioned, std::int64_t{1});
    add_array(versioned, std::int64_t{1});
    EXPECT_TRUE(mismatch(delete_rows(table, {.key = id, .version = &version}), std::move(versioned)));
}

TEST_F(guarded_statements, one_row_that_is_missing_fails) {
    EXPECT_TRUE(mismatch(update_row(kind, table, {.set = name_and_age}, {.key = id}), values("a", 1, std::int64_t{9})));
    EXPECT_TRUE(mismatch(delete_row(kind, table, {.key = id}), values(std::int64_t{9})));
}

TEST_F(guarded_statements, a_trigger_that_drops_a_row_fails_the_insert) {
    execute("CREATE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF new.name = 'drop' THEN RETURN NULL; END IF; RETURN new; END $$");
    execute(R"(CREATE TRIGGER dropping BEFORE INSERT ON "us""ers" FOR EACH ROW EXECUTE FUNCTION drop_row())");
    EXPECT_TRUE(mismatch(insert_row(kind, table, name_and_age), values("drop", 1)));
    EXPECT_TRUE(mismatch(insert_row(kind, table, name_and_age, id), values("drop", 1)));
    parameters arrays;
    add_array(arrays, "keep", "drop");
    add_array(arrays, 1, 2);
    const auto report = mismatch(insert_rows(table, name_and_age, id), std::move(arrays));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->matched, 1U);
    EXPECT_EQ(report->expected, 2U);
    EXPECT_THAT(names(), ElementsAre());
}

} // namespace
} // namespace wharf::sql::testing
