#include "io/timer_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <utility>

namespace {

using namespace wharf::io;

class entry final : public timer_entry {};

wharf::time_point at(int tick) {
    return wharf::time_point(wharf::duration(tick));
}

TEST(timer_heap, empty__is_due_never) {
    const timer_heap heap;
    EXPECT_TRUE(heap.empty());
    EXPECT_EQ(heap.earliest(), wharf::never);
}

TEST(timer_heap, entry_taken_out__is_not_queued_and_may_be_added_again) {
    timer_heap heap;
    entry one;
    heap.remove(one);
    heap.add(one, at(1));
    EXPECT_TRUE(one.is_queued());
    heap.remove(one);
    EXPECT_FALSE(one.is_queued());
    EXPECT_TRUE(heap.empty());
    heap.add(one, at(2));
    EXPECT_EQ(heap.earliest(), at(2));
    heap.remove(one);
}

TEST(timer_heap, random_additions_and_removals__earliest_is_always_that_of_a_sorted_set) {
    std::minstd_rand random(7);
    timer_heap heap;
    std::deque<entry> entries(200);
    std::multiset<wharf::time_point> expected;
    for (int i = 0; i < 20'000; ++i) {
        auto& one = entries[random() % entries.size()];
        if (one.is_queued()) {
            expected.erase(expected.find(one.moment()));
            heap.remove(one);
        } else {
            const auto moment = at(static_cast<int>(random() % 50));
            expected.insert(moment);
            heap.add(one, moment);
        }
        ASSERT_EQ(heap.size(), expected.size());
        ASSERT_EQ(heap.earliest(), expected.empty() ? wharf::never : *expected.begin());
    }
    while (!heap.empty()) {
        ASSERT_EQ(heap.top().moment(), *expected.begin());
        expected.erase(expected.begin());
        heap.remove(heap.top());
    }
}

} // namespace
