#include "postgres/protocol/frame.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST(frame, head_cut_off_asks_for_the_head) {
    const frame_status status = look_at_frame(as_bytes(wire("Z\0\0")), default_message_limit);
    EXPECT_FALSE(status.complete);
    EXPECT_EQ(status.size, frame_head_size);
}

TEST(frame, body_cut_off_tells_the_whole_size) {
    const frame_status status = look_at_frame(as_bytes(wire("Z\0\0\0\5")), default_message_limit);
    EXPECT_FALSE(status.complete);
    EXPECT_EQ(status.size, 6U);
}

TEST(frame, complete_message_is_cut_from_what_follows) {
    const bytes_view received = as_bytes(wire("Z\0\0\0\5IT\0\0"));
    const frame_status status = look_at_frame(received, default_message_limit);
    ASSERT_TRUE(status.complete);
    const frame cut = cut_frame(received, status);
    EXPECT_EQ(cut.type, backend_message::ready_for_query);
    EXPECT_EQ(as_text(cut.body), "I");
}

TEST(frame, impossible_length_is_a_violation) {
    for (const std::string_view head : {wire("Z\0\0\0\3"), wire("Z\0\0\0\0"), wire("Z\xff\xff\xff\xff"),
                                        wire("Z\x80\0\0\0"), wire("Z\x7f\xff\xff\xff")})
        EXPECT_THROW((void)look_at_frame(as_bytes(head), default_message_limit), protocol_violation);
}

TEST(frame, length_above_the_limit_is_a_violation_before_the_body_is_there) {
    EXPECT_NO_THROW((void)look_at_frame(as_bytes(wire("D\0\0\0\x64")), 100));
    EXPECT_THROW((void)look_at_frame(as_bytes(wire("D\0\0\0\x65")), 100), protocol_violation);
}

} // namespace
} // namespace wharf::postgres::protocol
