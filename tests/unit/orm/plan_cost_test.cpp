// The steps of a flush's planning, each by itself, cost as much as there are rows: blocks of code at n and at 2n.
// Beside what a whole commit costs, one of them could grow with the square unseen.
#include "support/block_count.hpp"
#include "unit/orm/session_without_database.hpp"
#include "wharf/row/codecs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace plan_cost_tests {

struct Shelf {
    std::int64_t id{};
    std::string name{};
    std::int64_t place{};
};

constexpr auto wharf_mapping(wharf::type<Shelf>) {
    return wharf::table<Shelf>("shelves", wharf::primary_key<&Shelf::id>(), wharf::column<&Shelf::name>(),
                               wharf::column<&Shelf::place>().unique());
}

using wharf::test::blocks_of;
using without_database = wharf::orm::test::session_without_database;

struct cost {
    std::uint64_t finding;
    std::uint64_t ordering;
    std::uint64_t telling;
};

/// Of a flush in which as many rows are replaced, removed, changed and added, and values move on by one.
cost cost_of(std::int64_t count) {
    without_database in;
    std::vector<wharf::entity<Shelf>> all;
    for (std::int64_t id = 1; id <= 3 * count; ++id)
        all.push_back(in.session().add(Shelf{.id = id, .name = "old", .place = id}));
    in.commit();
    for (std::int64_t i = 0; i < 3 * count; ++i) {
        auto& shelf = all[static_cast<std::size_t>(i)];
        if (i >= 2 * count) { // takes the place of the next one, and the last one a free one
            ++shelf->place;
            continue;
        }
        in.session().remove(shelf);
        if (i < count) in.session().add(Shelf{.id = i + 1, .name = "new", .place = i + 1});
        if (i >= count) in.session().add(Shelf{.id = 10 * count + i, .name = "new", .place = i + 1});
    }
    cost of{};
    wharf::orm::flush_plan plan;
    of.finding = blocks_of([&] { plan = in.plan(); });
    EXPECT_EQ(plan.deletes.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(plan.updates.size(), static_cast<std::size_t>(2 * count));
    of.ordering = blocks_of([&] { in.order(plan); });
    of.telling = blocks_of([&] { wharf::orm::plan_applier(in.parts(), plan).tell(~std::size_t{0}); });
    return of;
}

TEST(plan_cost, of_each_step_grows_with_the_rows) {
    static_cast<void>(cost_of(10)); // the first time is more than the others
    const auto once = cost_of(500);
    const auto twice = cost_of(1000);
    EXPECT_LT(twice.finding, once.finding * 5 / 2) << once.finding << ", " << twice.finding;
    EXPECT_LT(twice.ordering, once.ordering * 5 / 2) << once.ordering << ", " << twice.ordering;
    EXPECT_LT(twice.telling, once.telling * 5 / 2) << once.telling << ", " << twice.telling;
}

} // namespace plan_cost_tests
