#include "wharf/base/small_vector.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wharf::testing {
namespace {

using numbers = detail::small_vector<int, 2>;

numbers counted(int count) {
    numbers made;
    for (int i = 0; i < count; ++i)
        made.push_back(i);
    return made;
}

std::vector<int> contents(const numbers& of) {
    return {of.data(), of.data() + of.size()};
}

bool is_inline(const numbers& of) {
    const auto* const object = reinterpret_cast<const char*>(&of);
    const auto* const data = reinterpret_cast<const char*>(of.data());
    return data >= object && data < object + sizeof of;
}

TEST(small_vector, allocates_only_for_more_than_it_has_room_for) {
    EXPECT_TRUE(is_inline(counted(2)));
    EXPECT_FALSE(is_inline(counted(3)));
    EXPECT_EQ(contents(counted(2)), (std::vector{0, 1}));
    EXPECT_EQ(contents(counted(5)), (std::vector{0, 1, 2, 3, 4}));
}

TEST(small_vector, extends_by_several) {
    numbers some = counted(1);
    const auto added = some.extend(3);
    ASSERT_EQ(added.size(), 3U);
    for (int& each : added)
        each = 7;
    EXPECT_EQ(contents(some), (std::vector{0, 7, 7, 7}));
    some.clear();
    EXPECT_TRUE(some.empty());
    EXPECT_TRUE(some.extend(0).empty());
}

TEST(small_vector, moves_and_copies_with_and_without_memory_of_its_own) {
    for (const int count : {0, 1, 2, 3, 9}) {
        const auto expected = contents(counted(count));
        numbers original = counted(count);
        const numbers copied = original;
        numbers moved = std::move(original);
        EXPECT_EQ(contents(copied), expected);
        EXPECT_EQ(contents(moved), expected);
        EXPECT_TRUE(original.empty()); // NOLINT(bugprone-use-after-move): it may be used again
        original.push_back(5);
        EXPECT_EQ(contents(original), std::vector{5});
        for (const int before : {0, 2, 5}) {
            numbers target = counted(before);
            target = copied;
            EXPECT_EQ(contents(target), expected);
            target = counted(before);
            numbers source = copied;
            target = std::move(source);
            target.push_back(-1);
            EXPECT_EQ(target.size(), expected.size() + 1);
            EXPECT_EQ(target[expected.size()], -1);
        }
        numbers& alias = moved;
        moved = alias;
        EXPECT_EQ(contents(moved), expected);
    }
}

} // namespace
} // namespace wharf::testing
