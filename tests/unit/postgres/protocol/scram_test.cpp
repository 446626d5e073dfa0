#include "postgres/protocol/scram.hpp"

#include "postgres/protocol/base64.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

// The exchange printed in RFC 7677, section 3.
constexpr std::string_view client_nonce = "rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view client_final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

scram_client rfc_client(channel_binding binding = {}) {
    return scram_client(std::move(binding), std::string(client_nonce), "user");
}

TEST(scram, exchange_of_rfc_7677_has_its_exact_bytes) {
    scram_client scram = rfc_client();
    EXPECT_EQ(scram.first_message(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    const scram_challenge challenge = scram.read_server_first(server_first);
    EXPECT_EQ(challenge.iterations, 4096U);
    EXPECT_EQ(scram.final_message(derive_salted_password("pencil", challenge)), client_final);
    EXPECT_NO_THROW(scram.verify_server_final(server_final));
}

TEST(scram, wrong_missing_or_short_server_signature_is_refused) {
    scram_client scram = rfc_client();
    const scram_challenge challenge = scram.read_server_first(server_first);
    static_cast<void>(scram.final_message(derive_salted_password("pencil", challenge)));
    EXPECT_THROW(scram.verify_server_final("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="), connection_error);
    EXPECT_THROW(scram.verify_server_final("v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), authentication_failed);
    EXPECT_THROW(scram.verify_server_final("v="), authentication_failed);
    EXPECT_THROW(scram.verify_server_final("v=6rri"), authentication_failed);
    EXPECT_THROW(scram.verify_server_final(""), protocol_violation);
    EXPECT_THROW(scram.verify_server_final("x=6rri"), protocol_violation);
    EXPECT_THROW(scram.verify_server_final("e=invalid-proof"), authentication_failed);
}

TEST(scram, nonce_that_does_not_extend_ours_is_refused) {
    for (const std::string_view message : {
             "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
             "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
             "r=,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
             "r=rOprNGfwEbeRWgbNEkqO\x01\x02,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
         }) {
        scram_client scram = rfc_client();
        EXPECT_THROW((void)scram.read_server_first(message), authentication_failed) << message;
    }
}

TEST(scram, iterations_outside_one_to_a_million_are_refused) {
    const std::string head = "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=";
    for (const std::string_view count : {"0", "1000001", "4294967297", "99999999999999999999"}) {
        scram_client scram = rfc_client();
        EXPECT_THROW((void)scram.read_server_first(head + std::string(count)), authentication_failed) << count;
    }
    for (const std::string_view count : {"1", "1000000"}) {
        scram_client scram = rfc_client();
        EXPECT_NO_THROW((void)scram.read_server_first(head + std::string(count))) << count;
    }
    for (const std::string_view count : {"", "-1", "4096x", " 4096", "0x10"}) {
        scram_client scram = rfc_client();
        EXPECT_THROW((void)scram.read_server_first(head + std::string(count)), protocol_violation) << count;
    }
}

TEST(scram, malformed_first_message_is_a_violation) {
    for (const std::string_view message : {
             "",
             "r=rOprNGfwEbeRWgbNEkqOx",
             "m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4096",
             "r=rOprNGfwEbeRWgbNEkqOx,i=4096,s=W22Z",
             "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096",
             "r=rOprNGfwEbeRWgbNEkqOx,s=W2*Z,i=4096",
             "r=rOprNGfwEbeRWgbNEkqOx,s=W22,i=4096",
         }) {
        scram_client scram = rfc_client();
        EXPECT_THROW((void)scram.read_server_first(message), protocol_violation) << message;
    }
}

TEST(scram, channel_binding_is_part_of_the_header_and_of_the_proof) {
    scram_client not_offered = rfc_client({channel_binding::flag::not_offered, {}});
    EXPECT_EQ(not_offered.first_message(), "y,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    static_cast<void>(not_offered.read_server_first(server_first));
    EXPECT_TRUE(not_offered.final_message({}).starts_with("c=eSws,r="));

    const bytes_view hash = as_bytes("hash");
    scram_client bound = rfc_client({channel_binding::flag::end_point, {hash.begin(), hash.end()}});
    EXPECT_EQ(bound.first_message(), "p=tls-server-end-point,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    static_cast<void>(bound.read_server_first(server_first));
    EXPECT_TRUE(
        bound.final_message({}).starts_with("c=" + encode_base64(as_bytes("p=tls-server-end-point,,hash")) + ",r="));
}

TEST(scram, nonces_differ_and_are_printable) {
    EXPECT_NE(make_scram_nonce(), make_scram_nonce());
    EXPECT_EQ(make_scram_nonce().size(), 24U);
}

TEST(base64, vectors_of_rfc_4648) {
    const std::vector<std::pair<std::string_view, std::string_view>> vectors{{"", ""},
                                                                             {"f", "Zg=="},
                                                                             {"fo", "Zm8="},
                                                                             {"foo", "Zm9v"},
                                                                             {"foob", "Zm9vYg=="},
                                                                             {"fooba", "Zm9vYmE="},
                                                                             {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(encode_base64(as_bytes(plain)), encoded);
        const auto decoded = decode_base64(encoded);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(as_text(*decoded), plain);
    }
}

TEST(base64, other_than_canonical_text_is_refused) {
    for (const std::string_view text : {"Zg=", "Zg", "Z===", "====", "Zh==", "Zm9=", "Z g=", "Zg==Zg==", "Zm9v\n"})
        EXPECT_FALSE(decode_base64(text)) << text;
}

} // namespace
} // namespace wharf::postgres::protocol
