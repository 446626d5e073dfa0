#include "postgres/try_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace wharf::postgres {
namespace {

TEST(try_order, as_given__is_the_order_of_the_servers) {
    EXPECT_THAT(try_order(4, host_order::as_given, 7), testing::ElementsAre(0, 1, 2, 3));
}

TEST(try_order, random__every_server_comes_at_every_place_about_as_often) {
    std::map<std::pair<std::size_t, std::size_t>, int> seen;
    for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
        const auto order = try_order(3, host_order::random, seed);
        ASSERT_THAT(order, testing::UnorderedElementsAre(0, 1, 2));
        for (std::size_t place = 0; place < 3; ++place)
            ++seen[{place, order[place]}];
    }
    for (const auto& [at, count] : seen)
        EXPECT_NEAR(count, 1'000, 150) << "server " << at.second << " at place " << at.first;
}

} // namespace
} // namespace wharf::postgres
