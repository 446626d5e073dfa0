// Typed conditions, by the SQL that they become.
#include "wharf/base/error.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/orm/col.hpp"
#include "wharf/row/decode.hpp"
#include "wharf/sql/select_statement.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace library {

struct book {
    std::int64_t id{};
    std::string title{};
    std::optional<std::string> subtitle{};
    std::int16_t pages{};
    std::int32_t year{};
    std::optional<double> rating{};
    bool lent{};
};
constexpr auto wharf_mapping(wharf::type<book>) {
    return wharf::table<book>(
        "books", wharf::primary_key<&book::id>().generated(),
        wharf::columns<&book::title, &book::subtitle, &book::pages, &book::year, &book::rating, &book::lent>());
}

} // namespace library

namespace wharf::testing {
namespace {

using library::book;

sql::rendered_statement render(const predicate& where) {
    return sql::render_select(backend::postgres, {.from = "books", .where = where.condition()}, {"id"});
}
std::string condition(const predicate& where) {
    const std::string_view start = R"(SELECT "id" FROM "books" WHERE )";
    const auto text = render(where).text;
    EXPECT_THAT(text, ::testing::StartsWith(std::string(start)));
    return text.substr(start.size());
}

TEST(col, is_compared_with_values_on_either_side) {
    EXPECT_EQ(condition(col<&book::title> == "Dune"), R"("title" = $1)");
    EXPECT_EQ(condition(col<&book::year> != 1965), R"("year" <> $1)");
    EXPECT_EQ(condition(col<&book::year> < 1965), R"("year" < $1)");
    EXPECT_EQ(condition(col<&book::year> <= 1965), R"("year" <= $1)");
    EXPECT_EQ(condition(col<&book::year> > 1965), R"("year" > $1)");
    EXPECT_EQ(condition(col<&book::year> >= 1965), R"("year" >= $1)");
    EXPECT_EQ(condition("Dune" == col<&book::title>), R"("title" = $1)");
    EXPECT_EQ(condition(1965 < col<&book::year>), R"("year" > $1)");
    EXPECT_EQ(condition(1965 >= col<&book::year>), R"("year" <= $1)");
    EXPECT_EQ(condition(col<&book::lent> == true), R"("lent" = $1)");
}

TEST(col, a_value_becomes_the_type_of_the_column) {
    const auto pages = render(col<&book::pages> == 412L);
    ASSERT_EQ(pages.values.size(), 1U);
    EXPECT_EQ(pages.values[0].type, type_oid::int2);
    std::int16_t value{};
    decode_cell(pages.values[0], "pages", value);
    EXPECT_EQ(value, 412);
    EXPECT_EQ(render(col<&book::rating> > 4).values[0].type, type_oid::float8);
    EXPECT_EQ(render(col<&book::title> == std::string_view("Dune")).values[0].bytes, "Dune");
}

TEST(col, an_integer_out_of_the_columns_range_is_refused) {
    EXPECT_THROW(static_cast<void>(col<&book::pages> == 40'000), conversion_error);
    EXPECT_THROW(static_cast<void>(col<&book::pages>.in(1, 40'000)), conversion_error);
}

TEST(col, columns_are_compared_with_each_other) {
    EXPECT_EQ(condition(col<&book::pages> > col<&book::year>), R"("pages" > "year")");
    EXPECT_EQ(condition(col<&book::title> == col<&book::subtitle>), R"("title" = "subtitle")");
}

TEST(col, null_is_told_by_nullopt_and_by_optionals) {
    EXPECT_EQ(condition(col<&book::subtitle> == std::nullopt), R"("subtitle" IS NULL)");
    EXPECT_EQ(condition(col<&book::subtitle> != std::nullopt), R"("subtitle" IS NOT NULL)");
    EXPECT_EQ(condition(!col<&book::subtitle>.is_null()), R"(NOT ("subtitle" IS NULL))");
    const std::optional<std::string> none;
    EXPECT_EQ(condition(col<&book::subtitle> == none), R"("subtitle" IS NOT DISTINCT FROM $1)");
    EXPECT_TRUE(render(col<&book::subtitle> == none).values[0].null);
    EXPECT_EQ(condition(col<&book::rating> != std::optional<int>(3)), R"("rating" IS DISTINCT FROM $1)");
    EXPECT_EQ(condition(none == col<&book::subtitle>), R"("subtitle" IS NOT DISTINCT FROM $1)");
}

TEST(col, lists_are_values_or_ranges) {
    EXPECT_EQ(condition(col<&book::year>.in(1965, 1969)), R"("year" = ANY($1))");
    EXPECT_EQ(condition(col<&book::year>.in(std::vector<std::int64_t>{1965})), R"("year" = ANY($1))");
    EXPECT_EQ(condition(col<&book::title>.in("Dune", std::string("Ubik"))), R"("title" = ANY($1))");
    EXPECT_EQ(condition(col<&book::year>.in(std::vector<int>())), "FALSE");
    EXPECT_EQ(condition(col<&book::year>.in()), "FALSE");
}

TEST(col, patterns_are_given_or_made) {
    EXPECT_EQ(condition(col<&book::title>.like("D%")), R"("title" LIKE $1 ESCAPE '\')");
    EXPECT_EQ(render(col<&book::title>.starts_with("50%")).values[0].bytes, R"(50\%%)");
    EXPECT_EQ(render(col<&book::subtitle>.ends_with("a_b")).values[0].bytes, R"(%a\_b)");
    EXPECT_EQ(render(col<&book::title>.contains("une")).values[0].bytes, "%une%");
}

TEST(predicate, is_joined_and_turned_round) {
    const auto old = col<&book::year> < 1900;
    const auto lent = col<&book::lent> == true;
    EXPECT_EQ(condition(old && lent), R"("year" < $1 AND "lent" = $2)");
    EXPECT_EQ(condition(!(old || lent) && old), R"(NOT ("year" < $1 OR "lent" = $2) AND "year" < $3)");
    EXPECT_EQ(condition(always() && old), R"("year" < $1)");
    EXPECT_EQ(condition(always()), "TRUE");
    EXPECT_EQ(condition(!always() || old), R"(NOT (TRUE) OR "year" < $1)");
}

template <class Left, class Right>
concept joined = requires(Left left, Right right) { left&& right; };
template <class Left, class Right>
concept alternatives = requires(Left left, Right right) { left || right; };

TEST(predicate, with_a_plain_bool_does_not_compile) {
    static_assert(joined<predicate, predicate> && alternatives<predicate, predicate>);
    static_assert(!joined<predicate, bool> && !joined<bool, predicate>);
    static_assert(!alternatives<predicate, bool> && !alternatives<bool, predicate>);
    static_assert(!std::convertible_to<predicate, bool>);
}

} // namespace
} // namespace wharf::testing
