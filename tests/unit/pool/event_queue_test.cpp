#include "pool/event_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wharf::detail {
namespace {

using kind = listener_event::kind;

notification_view sent(std::string_view payload) {
    return {"c", payload, 1};
}

TEST(event_queue, what_does_not_fit__is_counted_where_it_was) {
    event_queue queue(2, 1000);
    EXPECT_TRUE(queue.push(sent("1")));
    EXPECT_TRUE(queue.push(sent("2")));
    EXPECT_FALSE(queue.push(sent("3")));
    EXPECT_FALSE(queue.push(sent("4")));
    EXPECT_EQ(queue.pop().notification().payload, "1");
    EXPECT_TRUE(queue.push(sent("5")));
    EXPECT_EQ(queue.pop().notification().payload, "2");
    const auto gap = queue.pop();
    EXPECT_EQ(gap.what(), kind::gap);
    EXPECT_EQ(gap.dropped(), 2U);
    EXPECT_EQ(queue.pop().notification().payload, "5");
    EXPECT_TRUE(queue.empty());
}

TEST(event_queue, gap_at_the_end__is_reported_too) {
    event_queue queue(1, 1000);
    EXPECT_TRUE(queue.push(sent("1")));
    EXPECT_FALSE(queue.push(sent("2")));
    EXPECT_EQ(queue.pop().what(), kind::notified);
    EXPECT_FALSE(queue.empty());
    EXPECT_EQ(queue.pop().dropped(), 1U);
    EXPECT_TRUE(queue.empty());
}

TEST(event_queue, bytes__are_bounded_too) {
    event_queue queue(100, 10);
    EXPECT_TRUE(queue.push(sent("12345")));
    EXPECT_FALSE(queue.push(sent("12345")));
    EXPECT_TRUE(queue.push(sent("123")));
    EXPECT_EQ(queue.pop().notification().payload, "12345");
    EXPECT_TRUE(queue.push(sent("12345")));
}

TEST(event_queue, reconnects_in_a_row__are_one) {
    event_queue queue(1, 1000);
    EXPECT_TRUE(queue.push(sent("1")));
    queue.push_reconnected();
    queue.push_reconnected();
    EXPECT_EQ(queue.pop().what(), kind::notified);
    EXPECT_EQ(queue.pop().what(), kind::reconnected);
    EXPECT_TRUE(queue.empty());
}

} // namespace
} // namespace wharf::detail
