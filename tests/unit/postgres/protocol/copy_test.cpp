// The messages of COPY.
#include "postgres/protocol/copy.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

frame as_frame(const outgoing_buffer& out) {
    const auto status = look_at_frame(out.pending(), default_message_limit);
    EXPECT_TRUE(status.complete);
    return cut_frame(out.pending(), status);
}

TEST(copy_response, says_the_format_and_that_of_each_column) {
    const copy_response binary{format_code::binary, {format_code::binary, format_code::binary}};
    const struct {
        backend_message which;
        std::string_view bytes;
    } messages[] = {
        {backend_message::copy_in_response, wire("G\0\0\0\x0b\1\0\2\0\1\0\1")},
        {backend_message::copy_out_response, wire("H\0\0\0\x0b\1\0\2\0\1\0\1")},
        {backend_message::copy_both_response, wire("W\0\0\0\x0b\1\0\2\0\1\0\1")},
    };
    for (const auto& [which, bytes] : messages) {
        outgoing_buffer out;
        encode(out, which, binary);
        EXPECT_EQ(written(out), bytes);
        EXPECT_EQ(decode_copy_response(as_frame(out)), binary);
    }
}

TEST(copy_response, text_without_columns_is_three_bytes) {
    outgoing_buffer out;
    encode(out, backend_message::copy_in_response, copy_response{});
    EXPECT_EQ(written(out), wire("G\0\0\0\7\0\0\0"));
    EXPECT_EQ(decode_copy_response(as_frame(out)), copy_response{});
}

TEST(copy_response, cut_off_or_with_unknown_formats_is_refused) {
    const auto decode = [](bytes_view body) {
        return decode_copy_response(frame{backend_message::copy_in_response, body});
    };
    expect_prefixes_refused(as_bytes(wire("\1\0\2\0\1\0\1")), decode);
    for (const std::string_view body : {wire("\2\0\0"), wire("\0\0\1\0\2"), wire("\0\xff\xff"), wire("\0\x7f\xff\0\0"),
                                        wire("\0\0\0\0"), wire("\377\0\0")})
        EXPECT_THROW((void)decode(as_bytes(body)), protocol_violation);
}

TEST(copy_data, is_bytes_behind_a_head) {
    outgoing_buffer out;
    encode_copy_data(out, as_bytes(wire("a\0b")));
    EXPECT_EQ(written(out), wire("d\0\0\0\7a\0b"));
    std::string head(5, '?');
    store_copy_data_head(reinterpret_cast<std::byte*>(head.data()), 3);
    EXPECT_EQ(head, written(out).substr(0, 5));
}

TEST(copy_done, has_no_body) {
    outgoing_buffer out;
    encode_copy_done(out);
    EXPECT_EQ(written(out), wire("c\0\0\0\4"));
}

TEST(copy_fail, gives_a_reason_up_to_its_first_nul) {
    outgoing_buffer out;
    encode_copy_fail(out, "no more");
    EXPECT_EQ(written(out), wire("f\0\0\0\x0cno more\0"));
    EXPECT_EQ(decode_copy_fail(body_of(out)), "no more");
    expect_prefixes_refused(body_of(out), decode_copy_fail);
    out.clear();
    encode_copy_fail(out, wire("no\0more"));
    EXPECT_EQ(written(out), wire("f\0\0\0\7no\0"));
}

TEST(copy_frame, header_and_trailer_are_those_of_the_documentation) {
    EXPECT_EQ(copy_header, wire("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"));
    EXPECT_EQ(copy_trailer, wire("\xff\xff"));
}

} // namespace
} // namespace wharf::postgres::protocol
