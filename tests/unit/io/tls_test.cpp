#include "wharf/io/tls.hpp"

#include "unit/io/tls_server.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"

#include <gmock/gmock.h>
#include <openssl/sha.h>

#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using namespace wharf::io;
using test::authority;
using test::certificate_wish;
using test::connect_securely;
using test::echoed;
using test::identity;
using test::tls_server;
using testing::HasSubstr;

class tls : public testing::Test {
protected:
    [[nodiscard]] tls_options trusting(std::string host) const {
        tls_options options;
        options.host = std::move(host);
        options.authorities = from.file();
        return options;
    }
    /// Why a client with `options` refuses a server with `own`; empty when it does not.
    static std::string refusal(identity own, tls_options options) {
        const tls_server server(std::move(own), tls_server::echo(100));
        try {
            const auto secure = run(connect_securely(server.port(), std::move(options), false), {20s});
            EXPECT_EQ(run(echoed(*secure, "hello"), {20s}), "hello");
        } catch (const wharf::authentication_failed& error) {
            return error.what();
        }
        return "";
    }
    authority from;
};

TEST_F(tls, certificate_of_the_host_from_a_trusted_authority__is_accepted) {
    EXPECT_EQ(refusal(from.issue(), trusting("db.example.org")), "");
    EXPECT_EQ(refusal(from.issue(), trusting("127.0.0.1")), "");
}

TEST_F(tls, certificate_of_another_host__is_refused) {
    EXPECT_THAT(
        refusal(from.issue(), trusting("other.example.org")),
        testing::AllOf(HasSubstr("127.0.0.1:"), HasSubstr("other.example.org"), HasSubstr("hostname mismatch")));
    EXPECT_THAT(refusal(from.issue(), trusting("127.0.0.2")), HasSubstr("IP address mismatch"));
}

TEST_F(tls, wildcard_certificate__covers_one_label) {
    const certificate_wish wish{.names = "DNS:*.example.org"};
    EXPECT_EQ(refusal(from.issue(wish), trusting("db.example.org")), "");
    EXPECT_NE(refusal(from.issue(wish), trusting("one.db.example.org")), "");
    EXPECT_NE(refusal(from.issue(wish), trusting("example.org")), "");
}

TEST_F(tls, self_signed_certificate__is_refused) {
    EXPECT_THAT(refusal(authority::self_signed(), trusting("db.example.org")), HasSubstr("self-signed certificate"));
}

TEST_F(tls, certificate_of_another_authority__is_refused) {
    const authority other;
    EXPECT_THAT(refusal(other.issue(), trusting("db.example.org")), HasSubstr("certificate signature failure"));
}

TEST_F(tls, certificate_out_of_its_time__is_refused) {
    const certificate_wish past{.valid_from = -3, .valid_to = -1};
    const certificate_wish future{.valid_from = 1, .valid_to = 3};
    EXPECT_THAT(refusal(from.issue(past), trusting("db.example.org")), HasSubstr("expired"));
    EXPECT_THAT(refusal(from.issue(future), trusting("db.example.org")), HasSubstr("not yet valid"));
}

TEST_F(tls, verification_of_the_certificate_alone__ignores_the_name) {
    auto options = trusting("other.example.org");
    options.verify = tls_verification::certificate;
    EXPECT_EQ(refusal(from.issue(), options), "");
    EXPECT_NE(refusal(authority::self_signed(), options), "");
}

TEST_F(tls, no_verification__accepts_anything) {
    tls_options options;
    options.verify = tls_verification::none;
    EXPECT_EQ(refusal(authority::self_signed(certificate_wish{.valid_from = -3, .valid_to = -1}), options), "");
}

TEST_F(tls, full_verification_without_a_host__is_a_configuration_error) {
    test::socket_pair ends;
    EXPECT_THROW(static_cast<void>(run(tls_handshake(std::move(ends.near), tls_options()))),
                 wharf::configuration_error);
}

TEST_F(tls, authorities_file_that_does_not_exist__is_a_configuration_error_that_names_it) {
    test::socket_pair ends;
    auto options = trusting("db.example.org");
    options.authorities = "/nonexistent/root.crt";
    try {
        static_cast<void>(run(tls_handshake(std::move(ends.near), options)));
        FAIL();
    } catch (const wharf::configuration_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("/nonexistent/root.crt"));
    }
}

TEST_F(tls, bytes_before_the_handshake__are_a_protocol_violation) {
    test::socket_pair ends;
    run(write_all(*ends.far, std::string_view("E")));
    EXPECT_THROW(static_cast<void>(run(tls_handshake(std::move(ends.near), trusting("db.example.org")))),
                 wharf::protocol_violation);
}

TEST_F(tls, server_that_closes_during_the_handshake__is_connect_failed) {
    test::socket_pair ends;
    ends.far.reset();
    EXPECT_THROW(static_cast<void>(run(tls_handshake(std::move(ends.near), trusting("db.example.org")))),
                 wharf::connect_failed);
}

TEST_F(tls, server_that_says_nothing__times_out) {
    test::socket_pair ends;
    EXPECT_THROW(static_cast<void>(run(tls_handshake(std::move(ends.near), trusting("db.example.org")), {5ms})),
                 wharf::timed_out);
}

TEST_F(tls, one_byte_slices_both_ways__carry_the_same_bytes) {
    const std::string text(2000, 'x');
    const tls_server server(from.issue(), tls_server::echo(1));
    const auto secure = run(connect_securely(server.port(), trusting("db.example.org"), true), {20s});
    EXPECT_EQ(run(echoed(*secure, text), {20s}), text);
}

TEST_F(tls, more_than_the_sockets_hold_both_ways__does_not_deadlock) {
    const std::string text(12'000'000, 'y');
    const tls_server server(from.issue(), tls_server::echo(16'384));
    const auto secure = run(connect_securely(server.port(), trusting("db.example.org"), false), {20s});
    EXPECT_EQ(run(echoed(*secure, text), {60s}), text);
}

op<std::size_t> read_once(stream& over) {
    std::array<char, 16> buffer{};
    co_return co_await read_some(over, buffer);
}

TEST_F(tls, server_says_goodbye__reads_0) {
    const tls_server server(from.issue(), [](SSL& ssl) { ::SSL_shutdown(&ssl); });
    const auto secure = run(connect_securely(server.port(), trusting("db.example.org"), false), {20s});
    EXPECT_EQ(run(read_once(*secure), {20s}), 0U);
}

TEST_F(tls, connection_cut_without_goodbye__is_connection_lost_not_the_end) {
    const tls_server server(from.issue(), [](SSL&) {});
    const auto secure = run(connect_securely(server.port(), trusting("db.example.org"), false), {20s});
    EXPECT_THROW(static_cast<void>(run(read_once(*secure), {20s})), wharf::connection_lost);
    EXPECT_THROW(run(write_all(*secure, std::string_view("x")), {20s}), wharf::connection_lost);
}

TEST_F(tls, server_asks_for_a_client_certificate__is_shown_it) {
    const auto file = test::write_to_file(from.issue());
    auto options = trusting("db.example.org");
    options.certificate = file;
    {
        const tls_server server(from.issue(), tls_server::echo(100), from.file());
        const auto secure = run(connect_securely(server.port(), options, false), {20s});
        EXPECT_EQ(run(echoed(*secure, "hello"), {20s}), "hello");
    }
    ::unlink(file.c_str());
}

TEST_F(tls, server_end_point__is_the_hash_of_its_certificate) {
    auto own = from.issue();
    unsigned char* bytes = nullptr;
    const int size = ::i2d_X509(own.certificate.get(), &bytes);
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    ::SHA256(bytes, static_cast<std::size_t>(size), hash.data());
    ::OPENSSL_free(bytes);
    const tls_server server(std::move(own), tls_server::echo(1));
    const auto secure = run(connect_securely(server.port(), trusting("db.example.org"), false), {20s});
    EXPECT_EQ(tls_server_end_point(*secure), std::string(hash.begin(), hash.end()));
    test::socket_pair plain;
    EXPECT_EQ(tls_server_end_point(*plain.near), "");
}

} // namespace
