// The numbers by which sessions tell what happened before what.
#include "orm/transaction_state.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>

namespace {

using wharf::orm::event_numbers;

TEST(event_numbers_of_sessions, rise_and_are_never_those_of_another_session_however_many_there_are) {
    event_numbers one;
    event_numbers other;
    std::set<std::uint64_t> all;
    std::uint64_t last_one = 0;
    std::uint64_t last_other = 0;
    for (std::uint64_t i = 0; i < 3 * event_numbers::at_once; ++i) {
        const auto of_one = one.next();
        const auto of_other = other.next();
        ASSERT_GT(of_one, last_one);
        ASSERT_GT(of_other, last_other);
        ASSERT_TRUE(all.insert(last_one = of_one).second) << i;
        ASSERT_TRUE(all.insert(last_other = of_other).second) << i;
    }
}

} // namespace
