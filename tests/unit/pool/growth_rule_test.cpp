// How many connections are opened for those who wait.
#include "pool/growth_rule.hpp"

#include "pool/connects.hpp"
#include "pool/recent_mean.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using wharf::duration;
using wharf::detail::connects;
using wharf::detail::demand;
using wharf::detail::growth_for;
using wharf::detail::recent_mean;

TEST(growth_rule, nobody_waits_for_more_than_is_under_way__opens_none) {
    EXPECT_EQ(growth_for({.waiting = 3, .out = 1, .young = 3}).count, 0U);
}

TEST(growth_rule, nothing_known__opens_what_is_waited_for_up_to_four) {
    EXPECT_EQ(growth_for({.waiting = 3}).count, 3U);
    EXPECT_EQ(growth_for({.waiting = 50}).count, 4U);
    EXPECT_EQ(growth_for({.waiting = 50, .young = 4}).count, 0U);
}

TEST(growth_rule, short_work_and_slow_connects__is_left_to_connections_that_come_back) {
    const demand spike{.waiting = 45, .out = 5, .usual_hold = 2ms, .usual_connect = 150ms};
    EXPECT_EQ(growth_for(spike).count, 0U);
    EXPECT_LE(growth_for(spike).ask_again, 4ms);
}

TEST(growth_rule, long_work__opens_what_returns_do_not_serve_within_a_connect) {
    EXPECT_EQ(growth_for({.waiting = 9, .out = 1, .usual_hold = 1s, .usual_connect = 100ms}).count, 9U);
    EXPECT_EQ(growth_for({.waiting = 45, .out = 5, .usual_hold = 20ms, .usual_connect = 150ms}).count, 1U);
}

TEST(growth_rule, back_later_than_usual__adds_one_at_a_time) {
    demand seen{.waiting = 2, .out = 5, .usual_hold = 2ms, .usual_connect = 150ms, .quiet = 3999us};
    EXPECT_EQ(growth_for(seen).count, 0U);
    EXPECT_EQ(growth_for(seen).ask_again, 4ms);
    seen.quiet = 4ms;
    EXPECT_EQ(growth_for(seen).count, 1U);
    seen.young = 1;
    EXPECT_EQ(growth_for(seen).count, 0U);
}

TEST(growth_rule, nobody_served_for_long__takes_leases_to_last_long) {
    demand seen{.waiting = 45, .out = 5, .young = 1, .usual_hold = 2ms, .usual_connect = 150ms, .quiet = 2ms};
    const auto again = growth_for(seen).ask_again;
    EXPECT_EQ(growth_for(seen).count, 0U);
    seen.quiet = again;
    EXPECT_EQ(growth_for(seen).count, 1U);
    seen.quiet = 1s;
    EXPECT_EQ(growth_for(seen).count, 44U);
}

TEST(growth_rule, nothing_is_out__somebody_must_be_first) {
    const demand seen{.waiting = 50, .usual_hold = 2ms, .usual_connect = 150ms, .quiet = 1s};
    EXPECT_EQ(growth_for(seen).count, 1U) << "that one has to be opened first says nothing of how long leases last";
}

TEST(recent_mean, follows_what_was_lately_added) {
    recent_mean mean;
    EXPECT_FALSE(mean.of(0s, 0));
    EXPECT_EQ(mean.of(10ms, 1), 10ms);
    EXPECT_EQ(mean.of(40ms, 2), 20ms);
    EXPECT_EQ(mean.of(160ms, 16), 10ms);
    EXPECT_EQ(mean.of(1160ms, 17), 10ms) << "one alone changes nothing";
    EXPECT_EQ(mean.of(160ms + 32s, 48), 1s);
}

TEST(connects_under_way, that_take_longer_than_usual__are_late) {
    connects all;
    const auto start = wharf::time_point{} + 1h;
    const auto first = all.begin(start);
    const auto second = all.begin(start + 5ms);
    EXPECT_EQ(all.next_late(10ms), start + 10ms);
    all.look(start + 10ms, 10ms);
    EXPECT_EQ(all.young(), 1U);
    EXPECT_EQ(all.late(), 1U);
    EXPECT_EQ(all.next_late(10ms), start + 15ms);
    all.end(second);
    EXPECT_EQ(all.young(), 0U);
    EXPECT_EQ(all.next_late(10ms), wharf::never);
    const auto third = all.begin(start + 20ms);
    EXPECT_EQ(all.young(), 1U);
    EXPECT_EQ(all.oldest(), start);
    all.end(first);
    EXPECT_EQ(all.oldest(), start + 20ms);
    all.end(third);
    EXPECT_FALSE(all.oldest());
}

} // namespace
