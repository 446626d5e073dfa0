#include "wharf/base/error.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"
#include "wharf/sql/select_statement.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>

namespace wharf::sql::testing {
namespace {

expression name() {
    return column("users", "name");
}
expression age() {
    return column("users", "age");
}
template <class... T>
parameters values(const T&... all) {
    parameters out;
    encode_parameters(out, all...);
    return out;
}

rendered_statement render(backend kind, expression where) {
    return render_select(kind, {.from = "users", .where = std::move(where)}, {"id"});
}
std::string condition(backend kind, expression where) {
    const auto text = render(kind, std::move(where)).text;
    const std::string start = R"(SELECT "id" FROM "users" WHERE )";
    EXPECT_THAT(text, ::testing::StartsWith(start));
    return text.substr(start.size());
}

TEST(render_select, without_conditions_reads_the_whole_table) {
    EXPECT_EQ(render_select(backend::postgres, {.from = "app.users"}, {"id", "na\"me"}).text,
              R"(SELECT "id", "na""me" FROM "app"."users")");
}

TEST(render_select, with_everything_numbers_its_parameters_in_order) {
    const select_statement statement{.from = "users",
                                     .where = compare(comparison::greater, age(), value(values(17))),
                                     .order = {{name(), false}, {age(), true}},
                                     .limit = 10,
                                     .offset = 20,
                                     .lock = row_lock::update,
                                     .skip_locked = true};
    const auto made = render_select(backend::postgres, statement, {"id"});
    EXPECT_EQ(made.text, R"(SELECT "id" FROM "users" WHERE "age" > $1 ORDER BY "name", "age" DESC LIMIT $2 OFFSET $3 )"
                         R"(FOR UPDATE SKIP LOCKED)");
    ASSERT_EQ(made.values.size(), 3U);
    EXPECT_EQ(made.values[0].type, type_oid::int4);
    EXPECT_EQ(made.values[2].type, type_oid::int8);
    EXPECT_EQ(render_select(backend::sqlite, statement, {"id"}).text,
              R"(SELECT "id" FROM "users" WHERE "age" > $1 ORDER BY "name" NULLS LAST, "age" DESC NULLS FIRST )"
              R"(LIMIT $2 OFFSET $3)");
    EXPECT_EQ(render_select(backend::sqlite,
                            {.from = "users", .order = {{column("users", "id", type_oid::int8, false), true}}}, {"id"})
                  .text,
              R"(SELECT "id" FROM "users" ORDER BY "id" DESC)");
}

TEST(render_select, an_offset_alone_needs_a_limit_on_sqlite) {
    EXPECT_EQ(render_select(backend::sqlite, {.from = "users", .offset = 5}, {"id"}).text,
              R"(SELECT "id" FROM "users" LIMIT -1 OFFSET $1)");
    EXPECT_EQ(render_select(backend::postgres, {.from = "users", .offset = 5}, {"id"}).text,
              R"(SELECT "id" FROM "users" OFFSET $1)");
}

TEST(conditions, chains_are_flat_and_mixed_ones_in_parentheses) {
    const auto a = compare(comparison::equal, name(), value(values("a")));
    const auto b = compare(comparison::not_equal, age(), value(values(1)));
    const auto c = compare(comparison::less_equal, age(), column("users", "limit"));
    EXPECT_EQ(condition(backend::postgres, both(both(a, b), c)), R"("name" = $1 AND "age" <> $2 AND "age" <= "limit")");
    EXPECT_EQ(condition(backend::postgres, both(a, either(b, c))),
              R"("name" = $1 AND ("age" <> $2 OR "age" <= "limit"))");
    EXPECT_EQ(condition(backend::postgres, negate(either(a, b))), R"(NOT ("name" = $1 OR "age" <> $2))");
    EXPECT_EQ(condition(backend::postgres, both(expression(), a)), R"("name" = $1)");
}

TEST(conditions, null_is_compared_as_each_backend_does) {
    EXPECT_EQ(condition(backend::postgres, is_null(name())), R"("name" IS NULL)");
    EXPECT_EQ(condition(backend::sqlite, is_null(name(), true)), R"("name" IS NOT NULL)");
    const auto same = identical(name(), value(values(std::optional<std::string>())));
    const auto different = identical(name(), value(values(std::optional<std::string>())), true);
    EXPECT_EQ(condition(backend::postgres, same), R"("name" IS NOT DISTINCT FROM $1)");
    EXPECT_EQ(condition(backend::postgres, different), R"("name" IS DISTINCT FROM $1)");
    EXPECT_EQ(condition(backend::sqlite, same), R"("name" IS $1)");
    EXPECT_EQ(condition(backend::sqlite, different), R"("name" IS NOT $1)");
}

TEST(conditions, lists_are_one_parameter) {
    const auto list = in_list(age(), values(1, 2, 3));
    const auto made = render(backend::postgres, list);
    EXPECT_THAT(made.text, ::testing::EndsWith(R"("age" = ANY($1))"));
    ASSERT_EQ(made.values.size(), 1U);
    EXPECT_EQ(made.values[0].type, type_oid::int4_array);
    EXPECT_EQ(condition(backend::sqlite, list), R"("age" IN (SELECT value FROM json_each($1)))");
    const auto on_sqlite = render(backend::sqlite, list);
    ASSERT_EQ(on_sqlite.values.size(), 1U);
    EXPECT_EQ(on_sqlite.values[0].bytes, "[1,2,3]");
    EXPECT_EQ(condition(backend::sqlite, in_list(age(), {})), "FALSE");
}

TEST(conditions, patterns_have_one_escape_character) {
    EXPECT_EQ(condition(backend::sqlite, like(name(), "a%")), R"(wharf_like("name", $1))");
    EXPECT_EQ(condition(backend::sqlite, ilike(name(), "a%")), R"(wharf_ilike("name", $1))");
    EXPECT_EQ(condition(backend::postgres, ilike(name(), "a%")), R"("name" COLLATE "C" ILIKE $1 ESCAPE '\')");
    EXPECT_THROW(static_cast<void>(like(name(), R"(50%\)")), usage_error);
    EXPECT_THROW(static_cast<void>(ilike(name(), R"(\)")), usage_error);
    EXPECT_NO_THROW(static_cast<void>(like(name(), R"(\\)")));
    EXPECT_EQ(condition(backend::postgres, negate(like(name(), "a%"))), R"(NOT ("name" LIKE $1 ESCAPE '\'))");
    EXPECT_EQ(escape_pattern(R"(50%_\)"), R"(50\%\_\\)");
}

TEST(conditions, decimals_are_compared_by_value_on_sqlite) {
    const auto price = column("users", "price", type_oid::numeric);
    EXPECT_EQ(condition(backend::sqlite, compare(comparison::less, price, value(values("9")))),
              R"("price" COLLATE wharf_decimal < $1)");
    EXPECT_EQ(condition(backend::postgres, compare(comparison::less, price, value(values("9")))), R"("price" < $1)");
}

TEST(conditions, a_column_of_another_table_is_refused) {
    EXPECT_THROW(static_cast<void>(render(backend::postgres, is_null(column("posts", "id")))), usage_error);
}

TEST(render_count, counts_rows_or_those_inside_a_window) {
    select_statement statement{.from = "users", .where = is_null(name()), .order = {{age(), false}}};
    EXPECT_EQ(render_count(backend::postgres, statement).text, R"(SELECT count(*) FROM "users" WHERE "name" IS NULL)");
    statement.limit = 5;
    EXPECT_EQ(
        render_count(backend::postgres, statement).text,
        R"(SELECT count(*) FROM (SELECT 1 FROM "users" WHERE "name" IS NULL ORDER BY "age" LIMIT $1) AS counted)");
}

TEST(render_exists, asks_for_one_row) {
    EXPECT_EQ(render_exists(backend::sqlite, {.from = "users", .order = {{age(), false}}}).text,
              R"(SELECT EXISTS (SELECT 1 FROM "users"))");
}

} // namespace
} // namespace wharf::sql::testing
