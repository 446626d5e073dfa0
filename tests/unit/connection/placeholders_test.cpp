#include "wharf/connection/placeholders.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wharf {
namespace {

std::vector<std::uint32_t> placeholders(std::string_view sql) {
    std::vector<std::uint32_t> found;
    placeholder_scanner scanner(sql);
    while (const auto number = scanner.next())
        found.push_back(*number);
    return found;
}

using numbers = std::vector<std::uint32_t>;

static_assert(count_placeholders("SELECT $2, $1") == 2, "at compile time too");

TEST(placeholders, are_found_in_the_order_of_the_text) {
    EXPECT_EQ(placeholders(""), numbers());
    EXPECT_EQ(placeholders("SELECT 1"), numbers());
    EXPECT_EQ(placeholders("$1"), numbers({1}));
    EXPECT_EQ(placeholders("SELECT $2, $1, $2, $10"), numbers({2, 1, 2, 10}));
    EXPECT_EQ(count_placeholders("SELECT $2, $10, $1"), 10U);
}

TEST(placeholders, stand_beside_operators_casts_brackets_and_numbers) {
    EXPECT_EQ(placeholders("SELECT $1::int4, ($2)::\"text\", a->>$3, b @> $4::jsonb"), numbers({1, 2, 3, 4}));
    EXPECT_EQ(placeholders("a=$1 AND b<>$2 AND c<$3+$4-$5*-$6/$7"), numbers({1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(placeholders("tags[$1], f($2,$3),ARRAY[$4]"), numbers({1, 2, 3, 4}));
    EXPECT_EQ(placeholders("doc ? $1 AND doc ?| $2 AND doc ?& $3 AND doc ?$4"), numbers({1, 2, 3, 4}));
    EXPECT_EQ(placeholders("LIMIT 1$1 OFFSET 1.5e3$2"), numbers({1, 2}));
    EXPECT_EQ(placeholders("$1$2"), numbers({1, 2}));
    EXPECT_EQ(placeholders("\t$1\n$2\r\n$3"), numbers({1, 2, 3}));
}

TEST(placeholders, are_not_in_plain_strings) {
    EXPECT_EQ(placeholders("SELECT '$1'"), numbers());
    EXPECT_EQ(placeholders("SELECT 'it''s $1', $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT '''$1''', $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT '', $1"), numbers({1}));
    EXPECT_EQ(placeholders(R"(SELECT '\', $1)"), numbers({1})) << "a backslash means nothing here";
    EXPECT_EQ(placeholders(R"(SELECT U&'\0441\', $1)"), numbers({1}));
    EXPECT_EQ(placeholders("SELECT B'01$1', x'$2', N'$3', $4"), numbers({4}));
    EXPECT_EQ(placeholders("SELECT 'a'\n'$1', $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT '$1"), numbers()) << "without an end";
}

TEST(placeholders, are_not_in_strings_with_escapes) {
    EXPECT_EQ(placeholders(R"(SELECT E'\' $1', $2)"), numbers({2}));
    EXPECT_EQ(placeholders(R"(SELECT e'\\', $1)"), numbers({1}));
    EXPECT_EQ(placeholders(R"(SELECT E'a''\'$1', $2)"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT E'a'\n'\\' $1', $2"), numbers({2})) << "its second part has escapes too";
    EXPECT_EQ(placeholders("SELECT E'a' -- b\n'\\', $1"), numbers({1})) << "a comment in front of the end of the line";
    EXPECT_EQ(placeholders("SELECT E'a'\n  -- b\n '\\' $1', $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT E'a'  '\\', $1"), numbers({1})) << "on one line they are two strings";
    EXPECT_EQ(placeholders(R"(SELECT note'\', $1)"), numbers({1})) << "the E belongs to a longer word";
    EXPECT_EQ(placeholders(R"(SELECT E '\', $1)"), numbers({1})) << "a string of its own";
    EXPECT_EQ(placeholders(R"(SELECT E'$1\)"), numbers());
    EXPECT_EQ(placeholders(R"(SELECT E'$1)"), numbers());
}

TEST(placeholders, are_not_in_dollar_quotes) {
    EXPECT_EQ(placeholders("SELECT $$ $1 ' $$, $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT $a$ $1 $$ $2 $b$ $a$, $3"), numbers({3}));
    EXPECT_EQ(placeholders("SELECT $tag_1$ $1 $tag_1 $tag_1$$2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT $\xc3\xa9$ $1 $\xc3\xa9$, $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT $a$ $1 $A$ $2"), numbers()) << "tags differ by case";
    EXPECT_EQ(placeholders("SELECT $1$ $2"), numbers({1, 2})) << "a tag does not begin with a digit";
    EXPECT_EQ(placeholders("SELECT $$$1$$$2"), numbers({2})) << "the quote ends at its first end";
    EXPECT_EQ(placeholders("SELECT $$ $1"), numbers());
    EXPECT_EQ(placeholders("SELECT $ $1 $a $2"), numbers({1, 2}));
    EXPECT_EQ(placeholders("$"), numbers());
    EXPECT_EQ(placeholders("$a"), numbers());
}

TEST(placeholders, are_not_in_identifiers) {
    EXPECT_EQ(placeholders("SELECT \"$1\", $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT \"a\"\"$1\", $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT \"'\", $1, \"'\""), numbers({1}));
    EXPECT_EQ(placeholders("SELECT U&\"\\0441$1\", $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT price$1, a$$1$$, $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT \xc3\xa9$1, _$2, $3"), numbers({3}));
    EXPECT_EQ(placeholders("SELECT \"$1"), numbers());
}

TEST(placeholders, are_not_in_comments) {
    EXPECT_EQ(placeholders("SELECT 1 -- $1\n, $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT 1 -- $1\r, $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT 1 --'\n, $1 --'"), numbers({1}));
    EXPECT_EQ(placeholders("SELECT 1 /* $1 */, $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT /* a /* $1 */ $2 */ $3"), numbers({3}));
    EXPECT_EQ(placeholders("SELECT /*/ $1 */ $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT 2 */* $1 */ $2"), numbers({2}));
    EXPECT_EQ(placeholders("SELECT '/*', $1, '*/'"), numbers({1}));
    EXPECT_EQ(placeholders("SELECT 1 - -$1 - /- $2"), numbers({1, 2}));
    EXPECT_EQ(placeholders("SELECT 1 /* $1"), numbers());
    EXPECT_EQ(placeholders("SELECT 1 /* /* $1 */"), numbers());
    EXPECT_EQ(placeholders("-- $1"), numbers());
}

TEST(placeholders, with_numbers_beyond_the_limit_are_told_apart_from_it) {
    EXPECT_EQ(placeholders("$0, $65535, $65536, $99999999999999999999"), numbers({0, 65'535, 65'536, 65'536}));
    EXPECT_EQ(placeholders("$007"), numbers({7}));
}

TEST(placeholders, in_any_text_that_is_cut_off_are_those_in_front_of_the_cut) {
    const std::string sql = "SELECT $1, 'a$9''', E'\\'$9', $t$ $9 $t$, \"$9\", /* /* $9 */ */ $2 -- $9\n, $3";
    for (std::size_t size = 0; size <= sql.size(); ++size)
        EXPECT_LE(count_placeholders(std::string_view(sql).substr(0, size)), 3U) << sql.substr(0, size);
}

} // namespace
} // namespace wharf
