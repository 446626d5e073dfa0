// Servers that lie before and under TLS, and what is sent to them.
#include "scripted_server.hpp"

#include "unit/io/certificates.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/descriptor.hpp"
#include "wharf/postgres/connector.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

constexpr auto soon = std::chrono::seconds(20);
const std::string ssl_request = "\x04\xd2\x16\x2f"s;
const std::string cancel_request = "\x04\xd2\x16\x2e\0\0\0\1\0\0\0\2"s; // for the key that log_in() gives

int choose_postgresql(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                      unsigned offered_size, void*) {
    static constexpr unsigned char known[] = "\x0apostgresql";
    unsigned char* found = nullptr;
    const int answer = ::SSL_select_next_proto(&found, size, known, 11, offered, offered_size);
    *chosen = found;
    return answer == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

class tls_login : public testing::Test {
protected:
    tls_login() {
        const auto own = from_.issue();
        ::SSL_CTX_use_certificate(context_.get(), own.certificate.get());
        ::SSL_CTX_use_PrivateKey(context_.get(), own.key.get());
    }
    void speak_postgresql() { ::SSL_CTX_set_alpn_select_cb(context_.get(), &choose_postgresql, nullptr); }

    // One script for each connection; the last one for all that follow.
    [[nodiscard]] std::unique_ptr<scripted_server> serve(std::vector<scripted_server::script> scripts) {
        return std::make_unique<scripted_server>(
            [this, scripts = std::move(scripts)](scripted_peer& client) {
                const std::size_t index = connections_++;
                scripts[std::min(index, scripts.size() - 1)](client);
            },
            scripted_server::place::tcp);
    }
    // Consents to TLS and shakes hands.
    void consent(scripted_peer& client) {
        if (client.read_request() != ssl_request) throw std::runtime_error("no request for TLS");
        client.send("S");
        client.encrypt(*context_);
    }
    [[nodiscard]] settings to(const scripted_server& server, ssl_mode mode) const {
        settings where = server.where();
        where.sslmode = mode;
        where.password = "pencil";
        if (mode >= ssl_mode::verify_ca) where.root_certificate = from_.file();
        return where;
    }
    static std::unique_ptr<driver> connect(settings where) {
        const auto connector = make_connector(std::move(where));
        return io::run(connector->connect(), call_options(soon));
    }
    // Stops waiting for a statement, and closes: the server is asked to cancel it.
    static void give_up(driver& connection) {
        batch_item item;
        item.sql = "SELECT 7";
        EXPECT_THROW(io::run(connection.run(std::span(&item, 1)), call_options(std::chrono::milliseconds(30))),
                     timed_out);
        io::run(connection.close(), call_options(soon));
    }
    template <class Error>
    static std::string refusal(settings where) {
        try {
            (void)connect(std::move(where));
        } catch (const Error& refused) {
            return refused.what();
        }
        return "accepted";
    }

    io::test::authority from_;
    std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_{::SSL_CTX_new(::TLS_server_method()), &::SSL_CTX_free};
    std::atomic<std::size_t> connections_{0};
    io::descriptor held_; // the first connection, while the server has turned to the second
};

TEST_F(tls_login, server_without_tls_is_refused_where_tls_is_asked_for_and_nothing_is_sent_to_it) {
    std::atomic<bool> asked_more{false};
    const auto server = serve({[&](scripted_peer& client) {
        EXPECT_EQ(client.read_request(), ssl_request);
        client.send("N");
        try {
            client.peek();
            asked_more = true;
        } catch (const std::runtime_error&) {
        }
    }});
    for (const ssl_mode mode : {ssl_mode::require, ssl_mode::verify_ca, ssl_mode::verify_full})
        EXPECT_THAT(refusal<configuration_error>(to(*server, mode)), HasSubstr("does not offer TLS"));
    EXPECT_FALSE(asked_more);
    EXPECT_EQ(connections_, 3U);
}

TEST_F(tls_login, server_without_tls_is_taken_where_it_is_only_preferred) {
    const auto server = serve({[](scripted_peer& client) {
        client.read_request();
        client.send("N");
        client.log_in();
        client.read_to_end();
    }});
    EXPECT_TRUE(connect(to(*server, ssl_mode::prefer))->usable());
    EXPECT_EQ(connections_, 1U);
}

TEST_F(tls_login, bytes_stuffed_in_behind_the_consent_are_refused) {
    const std::string login = message('R', "\0\0\0\0"s) + message('Z', "I");
    const auto server = serve({[&](scripted_peer& client) {
        client.read_request();
        client.send("S" + login);
        client.read_to_end();
    }});
    for (const ssl_mode mode : {ssl_mode::prefer, ssl_mode::require, ssl_mode::verify_full})
        EXPECT_THAT(refusal<protocol_violation>(to(*server, mode)), HasSubstr("before the TLS handshake"));
}

TEST_F(tls_login, error_in_the_clear_is_not_shown) {
    const auto server = serve({[](scripted_peer& client) {
        client.read_request();
        client.send(error_message({"SFATAL", "C28000", "Mgive me your password"}));
        client.read_to_end();
    }});
    EXPECT_THAT(refusal<connect_failed>(to(*server, ssl_mode::require)),
                testing::AllOf(HasSubstr("by an error"), testing::Not(HasSubstr("give me"))));
}

TEST_F(tls_login, answer_that_is_none_is_a_violation) {
    const auto server = serve({[](scripted_peer& client) {
        client.read_request();
        client.send("X");
        client.read_to_end();
    }});
    EXPECT_NE(refusal<protocol_violation>(to(*server, ssl_mode::prefer)), "accepted");
    EXPECT_EQ(connections_, 1U);
}

TEST_F(tls_login, handshake_that_fails_is_followed_by_a_login_in_the_clear_only_where_tls_is_preferred) {
    const auto fails = [](scripted_peer& client) {
        client.read_request();
        client.send("S");
        client.peek();
        client.send("this is no TLS");
        client.read_to_end();
    };
    const auto honest = [](scripted_peer& client) {
        client.log_in();
        client.read_to_end();
    };
    const auto server = serve({fails, honest});
    EXPECT_TRUE(connect(to(*server, ssl_mode::prefer))->usable());
    EXPECT_EQ(connections_, 2U);
    connections_ = 0;
    for (const ssl_mode mode : {ssl_mode::require, ssl_mode::verify_ca, ssl_mode::verify_full}) {
        EXPECT_THAT(refusal<connect_failed>(to(*server, mode)), HasSubstr("handshake"));
        EXPECT_EQ(connections_.exchange(0), 1U);
    }
}

TEST_F(tls_login, wrong_password_is_not_tried_a_second_time) {
    const auto server = serve({[this](scripted_peer& client) {
        consent(client);
        client.read_startup();
        client.send(error_message({"SFATAL", "C28P01", "Mno"}));
        client.read_to_end();
    }});
    EXPECT_THAT(refusal<authentication_failed>(to(*server, ssl_mode::prefer)), HasSubstr("28P01"));
    EXPECT_EQ(connections_, 1U);
}

TEST_F(tls_login, certificate_is_verified_as_the_mode_says) {
    const auto server = serve({[this](scripted_peer& client) {
        consent(client);
        client.log_in();
        client.read_to_end();
    }});
    settings where = to(*server, ssl_mode::verify_full);
    EXPECT_TRUE(connect(where)->usable());
    const io::test::authority other;
    where.root_certificate = other.file();
    EXPECT_THAT(refusal<authentication_failed>(where), HasSubstr("refused"));
    where.sslmode = ssl_mode::require; // a root certificate that is named is used
    EXPECT_THAT(refusal<authentication_failed>(where), HasSubstr("refused"));
    where.root_certificate.clear();
    EXPECT_TRUE(connect(where)->usable());
}

TEST_F(tls_login, revocation_list_of_the_settings_is_followed) {
    const auto revoked = from_.issue();
    ::SSL_CTX_use_certificate(context_.get(), revoked.certificate.get());
    ::SSL_CTX_use_PrivateKey(context_.get(), revoked.key.get());
    const auto server = serve({[this](scripted_peer& client) {
        consent(client);
        client.log_in();
        client.read_to_end();
    }});
    settings where = to(*server, ssl_mode::verify_full);
    EXPECT_TRUE(connect(where)->usable());
    const std::string list = from_.revoke({&revoked});
    where.certificate_revocation_list = list;
    EXPECT_THAT(refusal<authentication_failed>(where), HasSubstr("revoked"));
    ::unlink(list.c_str());
}

TEST_F(tls_login, direct_tls_begins_with_the_handshake_and_agrees_on_the_protocol) {
    speak_postgresql();
    std::atomic<bool> handshake_first{false};
    const auto server = serve({[&](scripted_peer& client) {
        handshake_first = client.peek() == '\x16';
        client.encrypt(*context_);
        client.log_in();
        client.read_to_end();
    }});
    settings where = to(*server, ssl_mode::verify_full);
    where.sslnegotiation = ssl_negotiation::direct;
    EXPECT_TRUE(connect(where)->usable());
    EXPECT_TRUE(handshake_first);
}

TEST_F(tls_login, direct_tls_with_what_does_not_speak_postgresql_is_refused) {
    const auto server = serve({[this](scripted_peer& client) {
        client.encrypt(*context_);
        client.log_in();
        client.read_to_end();
    }});
    settings where = to(*server, ssl_mode::require);
    where.sslnegotiation = ssl_negotiation::direct;
    EXPECT_THAT(refusal<configuration_error>(where), HasSubstr("ALPN"));
}

TEST_F(tls_login, server_whose_tls_is_too_old_is_not_waited_for) {
    ::SSL_CTX_set_max_proto_version(&*context_, TLS1_2_VERSION);
    const auto server = serve({[this](scripted_peer& client) { consent(client); }});
    settings where = to(*server, ssl_mode::require);
    where.minimum_tls_version = "TLSv1.3";
    EXPECT_THAT(refusal<configuration_error>(where), HasSubstr("handshake"));
}

TEST_F(tls_login, protocol_is_offered_in_the_classic_way_too_and_needs_no_answer) {
    std::mutex mutex;
    std::string agreed;
    const auto server = serve({[&](scripted_peer& client) {
        consent(client);
        const unsigned char* chosen = nullptr;
        unsigned size = 0;
        ::SSL_get0_alpn_selected(&client.tls(), &chosen, &size);
        {
            const std::scoped_lock lock(mutex);
            agreed.assign(reinterpret_cast<const char*>(chosen), size);
        }
        client.log_in();
        client.read_to_end();
    }});
    EXPECT_TRUE(connect(to(*server, ssl_mode::require))->usable());
    speak_postgresql();
    EXPECT_TRUE(connect(to(*server, ssl_mode::require))->usable());
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(agreed, "postgresql");
}

TEST_F(tls_login, request_to_cancel_is_encrypted_as_the_connection_was) {
    for (const ssl_mode mode : {ssl_mode::prefer, ssl_mode::require, ssl_mode::verify_full}) {
        connections_ = 0;
        std::mutex mutex;
        std::string cancelled = "nothing";
        auto server = serve({[this](scripted_peer& client) {
                                 consent(client);
                                 client.log_in();
                                 held_.reset(client.hold());
                             },
                             [&](scripted_peer& client) {
                                 consent(client);
                                 const std::string request = client.read_request();
                                 const std::scoped_lock lock(mutex);
                                 cancelled = request;
                                 held_.reset(); // as a server does that has been told
                             }});
        auto connection = connect(to(*server, mode));
        give_up(*connection);
        connection.reset();
        server.reset();
        EXPECT_EQ(cancelled, cancel_request);
        EXPECT_EQ(connections_, 2U);
    }
}

TEST_F(tls_login, request_to_cancel_is_encrypted_where_allow_has_led_to_tls) {
    std::mutex mutex;
    std::string cancelled = "nothing";
    auto server = serve({[](scripted_peer& client) {
                             client.read_startup();
                             client.send(error_message({"SFATAL", "C28000", "Mnot without TLS"}));
                             client.read_to_end();
                         },
                         [this](scripted_peer& client) {
                             consent(client);
                             client.log_in();
                             held_.reset(client.hold());
                         },
                         [&](scripted_peer& client) {
                             consent(client);
                             const std::string request = client.read_request();
                             const std::scoped_lock lock(mutex);
                             cancelled = request;
                             held_.reset(); // as a server does that has been told
                         }});
    auto connection = connect(to(*server, ssl_mode::allow));
    give_up(*connection);
    connection.reset();
    server.reset();
    EXPECT_EQ(cancelled, cancel_request);
    EXPECT_EQ(connections_, 3U);
}

TEST_F(tls_login, request_to_cancel_never_goes_to_a_server_that_took_the_tls_off) {
    std::atomic<bool> cancelled{false};
    auto server = serve({[this](scripted_peer& client) {
                             consent(client);
                             client.log_in();
                             held_.reset(client.hold());
                         },
                         [&](scripted_peer& client) {
                             client.read_request();
                             client.send("N");
                             client.read_request();
                             cancelled = true;
                         }});
    auto connection = connect(to(*server, ssl_mode::verify_full));
    give_up(*connection);
    connection.reset();
    server.reset();
    EXPECT_EQ(connections_, 2U);
    EXPECT_FALSE(cancelled);
}

} // namespace
} // namespace wharf::postgres
