#include "postgres/protocol/startup.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST(startup, message_is_version_pairs_and_a_nul) {
    outgoing_buffer out;
    encode(out, startup_message{protocol_3_0, {{"user", "bob"}, {"database", "app"}}});
    EXPECT_EQ(written(out), wire("\0\0\0\x1f\0\3\0\0user\0bob\0database\0app\0\0"));
}

TEST(startup, ssl_request_is_eight_bytes) {
    outgoing_buffer out;
    encode(out, ssl_request{});
    EXPECT_EQ(written(out), wire("\0\0\0\10\x04\xd2\x16\x2f"));
}

TEST(startup, cancel_request_carries_the_key) {
    outgoing_buffer out;
    encode(out, cancel_request{{0x01020304, "\xff\xff\xff\xfe"}});
    EXPECT_EQ(written(out), wire("\0\0\0\20\x04\xd2\x16\x2e\1\2\3\4\xff\xff\xff\xfe"));
}

TEST(startup, cancel_request_carries_a_long_key_of_protocol_3_2) {
    outgoing_buffer out;
    encode(out, cancel_request{{7, std::string(256, 'k')}});
    EXPECT_EQ(written(out), std::string(wire("\0\0\1\x0c\x04\xd2\x16\x2e\0\0\0\7")) + std::string(256, 'k'));
    EXPECT_EQ(std::get<cancel_request>(decode_startup(out.pending().subspan(4))).key.secret.size(), 256U);
}

TEST(startup, cancel_key_of_an_impossible_length_is_refused) {
    for (const std::size_t size : {0U, 3U, 257U}) {
        const std::string body = std::string(wire("\x04\xd2\x16\x2e\0\0\0\7")) + std::string(size, 'k');
        EXPECT_THROW((void)decode_startup(as_bytes(body)), protocol_violation) << size;
    }
}

TEST(startup, nul_or_empty_name_is_refused_before_a_byte_is_written) {
    outgoing_buffer out;
    EXPECT_THROW(encode(out, startup_message{protocol_3_0, {{"user", std::string(wire("b\0b"))}}}), usage_error);
    EXPECT_THROW(encode(out, startup_message{protocol_3_0, {{std::string(wire("u\0")), "b"}}}), usage_error);
    EXPECT_THROW(encode(out, startup_message{protocol_3_0, {{"", "b"}}}), usage_error);
    EXPECT_TRUE(out.empty());
}

TEST(startup, decoded_message_is_what_was_encoded) {
    outgoing_buffer out;
    encode(out, startup_message{protocol_3_0, {{"user", "bob"}, {"options", ""}}});
    const auto decoded = std::get<startup_message>(decode_startup(out.pending().subspan(4)));
    EXPECT_EQ(decoded.version, protocol_3_0);
    ASSERT_EQ(decoded.parameters.size(), 2U);
    EXPECT_EQ(decoded.parameters[1], (std::pair<std::string, std::string>{"options", ""}));
}

TEST(startup, decoded_requests_are_told_apart) {
    EXPECT_TRUE(std::holds_alternative<ssl_request>(decode_startup(as_bytes(wire("\x04\xd2\x16\x2f")))));
    const auto cancel = std::get<cancel_request>(decode_startup(as_bytes(wire("\x04\xd2\x16\x2e\1\2\3\4\0\0\0\1"))));
    EXPECT_EQ(cancel.key, (cancel_key{0x01020304, std::string(wire("\0\0\0\1"))}));
}

TEST(startup, every_cut_of_a_message_is_refused) {
    expect_prefixes_refused(as_bytes(wire("\0\3\0\0user\0bob\0\0")), decode_startup);
    expect_prefixes_refused(as_bytes(wire("\x04\xd2\x16\x2e\1\2\3\4\0\0\0\1")), decode_startup);
}

} // namespace
} // namespace wharf::postgres::protocol
