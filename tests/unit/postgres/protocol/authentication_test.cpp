#include "postgres/protocol/authentication.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST(authentication, ok_has_no_data) {
    EXPECT_EQ(decode_authentication(as_bytes(wire("\0\0\0\0"))).method, authentication_method::ok);
    EXPECT_THROW((void)decode_authentication(as_bytes(wire("\0\0\0\0x"))), protocol_violation);
}

TEST(authentication, sasl_lists_mechanisms) {
    const auto request = decode_authentication(as_bytes(wire("\0\0\0\nSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")));
    EXPECT_EQ(request.method, authentication_method::sasl);
    EXPECT_EQ(request.mechanisms, (std::vector<std::string_view>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}));
}

TEST(authentication, every_cut_of_a_request_is_refused) {
    expect_prefixes_refused(as_bytes(wire("\0\0\0\nSCRAM-SHA-256\0\0")), decode_authentication);
    expect_prefixes_refused(as_bytes(wire("\0\0\0\5salt")), decode_authentication);
}

TEST(authentication, request_survives_encode_and_decode) {
    for (const authentication_request& request :
         {authentication_request{authentication_method::md5_password, {}, as_bytes("salt")},
          authentication_request{authentication_method::sasl, {"A", "B"}, {}},
          authentication_request{authentication_method::sasl_continue, {}, as_bytes("r=x")}}) {
        outgoing_buffer out;
        encode(out, request);
        const auto decoded = decode_authentication(body_of(out));
        EXPECT_EQ(decoded.method, request.method);
        EXPECT_EQ(decoded.mechanisms, request.mechanisms);
        EXPECT_EQ(as_text(decoded.data), as_text(request.data));
    }
}

TEST(authentication, password_is_a_string) {
    outgoing_buffer out;
    encode_password(out, "secret");
    EXPECT_EQ(written(out), wire("p\0\0\0\x0bsecret\0"));
    EXPECT_EQ(decode_password(body_of(out)), "secret");
    EXPECT_THROW(encode_password(out, wire("a\0b")), usage_error);
}

TEST(authentication, sasl_initial_response_counts_its_data) {
    outgoing_buffer out;
    encode(out, sasl_initial_response{"SCRAM-SHA-256", as_bytes("n,,")});
    EXPECT_EQ(written(out), wire("p\0\0\0\x19SCRAM-SHA-256\0\0\0\0\3n,,"));
    const auto decoded = decode_sasl_initial_response(body_of(out));
    EXPECT_EQ(decoded.mechanism, "SCRAM-SHA-256");
    EXPECT_EQ(as_text(decoded.data), "n,,");
}

TEST(authentication, sasl_response_is_bare) {
    outgoing_buffer out;
    encode_sasl_response(out, as_bytes("c=biws"));
    EXPECT_EQ(written(out), wire("p\0\0\0\nc=biws"));
}

} // namespace
} // namespace wharf::postgres::protocol
