#include "postgres/protocol/session_state.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST(session_state, parameter_status_is_two_strings) {
    outgoing_buffer out;
    encode(out, parameter_status{"TimeZone", "UTC"});
    EXPECT_EQ(written(out), wire("S\0\0\0\x11TimeZone\0UTC\0"));
    EXPECT_EQ(decode_parameter_status(body_of(out)).value, "UTC");
    expect_prefixes_refused(body_of(out), decode_parameter_status);
}

TEST(session_state, backend_key_data_is_two_integers) {
    outgoing_buffer out;
    encode(out, cancel_key{258, "\xff\xff\xff\xff"});
    EXPECT_EQ(written(out), wire("K\0\0\0\x0c\0\0\1\2\xff\xff\xff\xff"));
    EXPECT_EQ(decode_backend_key_data(body_of(out)), (cancel_key{258, "\xff\xff\xff\xff"}));
    expect_prefixes_refused(body_of(out), decode_backend_key_data);
}

TEST(session_state, ready_for_query_tells_the_transaction_status) {
    EXPECT_EQ(decode_ready(as_bytes("I")), transaction_status::idle);
    EXPECT_EQ(decode_ready(as_bytes("T")), transaction_status::in_transaction);
    EXPECT_EQ(decode_ready(as_bytes("E")), transaction_status::failed);
    for (const std::string_view body : {"", "X", "II"})
        EXPECT_THROW((void)decode_ready(as_bytes(body)), protocol_violation);
}

TEST(session_state, notification_names_process_channel_and_payload) {
    outgoing_buffer out;
    encode(out, notification{7, "news", "hello"});
    EXPECT_EQ(written(out), wire("A\0\0\0\x13\0\0\0\7news\0hello\0"));
    EXPECT_EQ(decode_notification(body_of(out)).payload, "hello");
    expect_prefixes_refused(body_of(out), decode_notification);
}

TEST(session_state, version_negotiation_lists_unknown_options) {
    outgoing_buffer out;
    encode(out, version_negotiation{protocol_3_0, {"_pq_.x"}});
    const version_negotiation decoded = decode_version_negotiation(body_of(out));
    EXPECT_EQ(decoded.version, protocol_3_0);
    EXPECT_EQ(decoded.unknown_options, (std::vector<std::string_view>{"_pq_.x"}));
    EXPECT_THROW((void)decode_version_negotiation(as_bytes(wire("\0\3\0\0\x7f\xff\xff\xff"))), protocol_violation);
    EXPECT_THROW((void)decode_version_negotiation(as_bytes(wire("\0\3\0\0\xff\xff\xff\xff"))), protocol_violation);
}

} // namespace
} // namespace wharf::postgres::protocol
