#include "postgres/receive_buffer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace wharf::postgres {
namespace {

void receive(receive_buffer& buffer, std::string_view bytes, std::size_t wanted) {
    while (!bytes.empty()) {
        const auto room = buffer.room(wanted);
        ASSERT_FALSE(room.empty());
        const auto size = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), size);
        buffer.received(size);
        bytes.remove_prefix(size);
    }
}

std::string held(const receive_buffer& buffer) {
    return std::string(protocol::as_text(buffer.readable()));
}

TEST(receive_buffer, bytes_come_out_in_order_whatever_the_sizes) {
    receive_buffer buffer;
    std::string expected;
    for (int i = 0; i < 3000; ++i) {
        const std::string bytes(static_cast<std::size_t>(i * 131 % 977), static_cast<char>('a' + i % 26));
        receive(buffer, bytes, 5);
        expected += bytes;
        const auto used = std::min(expected.size(), static_cast<std::size_t>(i * 61 % 1201));
        buffer.consume(used);
        expected.erase(0, used);
        ASSERT_EQ(held(buffer), expected);
    }
}

TEST(receive_buffer, large_claim_reserves_nothing_before_the_bytes_are_there) {
    receive_buffer buffer;
    receive(buffer, "D\x0f\xff\xff\xff", 5);
    EXPECT_LT(buffer.room(std::size_t{256} << 20).size(), std::size_t{64} << 10);
    receive(buffer, std::string(100'000, 'x'), std::size_t{256} << 20);
    EXPECT_LT(buffer.room(std::size_t{256} << 20).size(), std::size_t{256} << 10);
}

TEST(receive_buffer, large_message_fits_in_the_end_and_its_memory_goes_afterwards) {
    receive_buffer buffer;
    const std::string large(5'000'000, 'y');
    receive(buffer, large, large.size());
    EXPECT_EQ(held(buffer), large);
    buffer.consume(large.size());
    buffer.shrink();
    EXPECT_LT(buffer.room(5).size(), std::size_t{64} << 10);
}

TEST(receive_buffer, surrendered_chunk_keeps_what_was_consumed_and_the_rest_moves) {
    receive_buffer buffer;
    receive(buffer, "rowsrest", 5);
    const char* rows = buffer.data();
    buffer.pin();
    buffer.consume(4);
    const auto chunk = buffer.surrender();
    EXPECT_EQ(std::string_view(rows, 4), "rows");
    EXPECT_EQ(held(buffer), "rest");
    EXPECT_FALSE(buffer.pinned());
}

TEST(receive_buffer, pinned_chunk_is_not_reused_when_it_has_been_consumed) {
    receive_buffer buffer;
    receive(buffer, "rows", 5);
    const char* rows = buffer.data();
    buffer.pin();
    buffer.consume(4);
    ASSERT_FALSE(buffer.room_moves(5));
    receive(buffer, "more", 5);
    EXPECT_EQ(std::string_view(rows, 8), "rowsmore");
    const auto chunk = buffer.surrender();
    EXPECT_EQ(held(buffer), "more");
}

} // namespace
} // namespace wharf::postgres
