// What docs/user-types.md shows, compiled and run. The code of the page stands in this file, word for word.
#include "support/page_snippets.hpp"
#include "support/postgres_server.hpp"
#include "wharf/wharf.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// clang-format off
enum class state { open, paid, sent };

template <>
struct wharf::codec<state> : wharf::enum_codec<state, "open", "paid", "sent"> {};

enum class urgency { low = 10, high = 20 };

template <>
struct wharf::codec<urgency>
    : wharf::labelled_enum<wharf::label{urgency::low, "low"}, wharf::label{urgency::high, "high"}> {};

struct line {
    std::string item{};
    double price{};
    std::optional<std::int32_t> amount{};
};

template <>
struct wharf::codec<line> : wharf::composite_codec<line> {};

struct bill {
    std::vector<line> lines{};
    std::optional<std::string> note{};
};

template <>
struct wharf::codec<bill> : wharf::composite_codec<bill> {};
// clang-format on

namespace {

constexpr const char* page_path = WHARF_SOURCE_FOLDER "/docs/user-types.md";
constexpr const char* this_path = WHARF_SOURCE_FOLDER "/tests/usages/user_types_page_pgtest.cpp";

TEST(user_types_page, shows_only_code_that_stands_in_this_file) {
    EXPECT_EQ(wharf::test::find_snippets(page_path, this_path), 7U);
}

TEST(user_types_page, does_what_it_says) {
    wharf::test::database database;
    wharf::pool pool{database.url()};
    auto conn = pool.acquire();
    const auto page = wharf::test::contents_of(page_path);
    const auto start = page.find("CREATE SCHEMA");
    database.execute(page.substr(start, page.find("```", start) - start));
    database.execute("CREATE EXTENSION hstore");

    auto now = conn.query<state>("SELECT $1::shop.state", state::paid).one();
    auto all = conn.query<std::vector<state>>("SELECT enum_range(NULL::shop.state)").one();
    EXPECT_EQ(now, state::paid);
    EXPECT_EQ(all, (std::vector{state::open, state::paid, state::sent}));
    EXPECT_EQ(conn.query<urgency>("SELECT $1", urgency::high).one(), urgency::high);

    // clang-format off
    bill given;
    given.lines = {{"tea", 2.5, 1}, {"milk", 1, std::nullopt}};
    auto sent = conn.query<bill>("SELECT $1::shop.bill", given).one();
    auto total = conn.query<double>("SELECT sum(l.price)::float8 FROM unnest($1::shop.line[]) l", given.lines).one();
    // clang-format on
    ASSERT_EQ(sent.lines.size(), 2U);
    EXPECT_EQ(sent.lines[0].item, "tea");
    EXPECT_EQ(sent.lines[1].amount, std::nullopt);
    EXPECT_EQ(total, 3.5);

    auto first = conn.query<wharf::by_position<line>>("SELECT 'tea', 2.5::float8, 1").one();
    EXPECT_EQ(first.price, 2.5);

    // clang-format off
    wharf::hstore labels{{"colour", "red"}, {"size", std::nullopt}};
    auto colour = conn.query<std::string>("SELECT $1::hstore -> 'colour'", labels).one();
    // clang-format on
    EXPECT_EQ(colour, "red");
}

} // namespace
