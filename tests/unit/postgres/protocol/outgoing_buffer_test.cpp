#include "postgres/protocol/outgoing_buffer.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST(outgoing_buffer, messages_line_up_behind_each_other) {
    outgoing_buffer out;
    out.begin(frontend_message::query, 3).string("ab");
    out.begin(frontend_message::sync, 0);
    EXPECT_EQ(written(out), wire("Q\0\0\0\7ab\0S\0\0\0\4"));
}

TEST(outgoing_buffer, sent_bytes_leave_the_front_and_later_ones_join_behind) {
    outgoing_buffer out;
    std::string expected;
    for (int i = 0; i < 3000; ++i) {
        out.begin(frontend_message::query, 4).string("abc");
        expected += wire("Q\0\0\0\10abc\0");
        const std::size_t sent = static_cast<std::size_t>(i) % 11;
        out.consume(sent);
        expected.erase(0, sent);
    }
    EXPECT_EQ(written(out), expected);
}

TEST(outgoing_buffer, truncated_keeps_what_came_before) {
    outgoing_buffer out;
    out.begin(frontend_message::sync, 0);
    const std::size_t before = out.size();
    out.begin(frontend_message::flush, 0);
    out.truncate(before);
    EXPECT_EQ(written(out), wire("S\0\0\0\4"));
}

TEST(outgoing_buffer, message_over_one_gibibyte_is_refused_before_a_byte_is_written) {
    outgoing_buffer out;
    EXPECT_THROW(out.begin(frontend_message::query, std::uint64_t{1} << 30), usage_error);
    EXPECT_THROW(out.begin(frontend_message::query, std::uint64_t{1} << 32), usage_error);
    EXPECT_THROW(out.begin(frontend_message::query, ~std::uint64_t{0}), usage_error);
    EXPECT_THROW(out.begin_untyped(~std::uint64_t{0}), usage_error);
    EXPECT_TRUE(out.empty());
}

TEST(outgoing_buffer, string_with_nul_is_refused) {
    EXPECT_THROW((void)string_size(wire("a\0b"), "the statement"), usage_error);
    EXPECT_EQ(string_size("ab", "the statement"), 3U);
}

} // namespace
} // namespace wharf::postgres::protocol
