// Login against a scripted server: what is sent, and what is refused.
#include "unit/postgres/protocol/login_attempt.hpp"

#include "postgres/protocol/notice.hpp"
#include "wharf/base/database_error.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST_F(login_test, trust_is_startup_ok_key_ready) {
    login attempt(options_for(std::nullopt));
    attempt.start(client_);
    EXPECT_EQ(written(client_), wire("\0\0\0\x12\0\3\0\0user\0bob\0\0"));
    EXPECT_EQ(receive_ok(attempt), login::step::wait);
    EXPECT_EQ(receive(attempt, cancel_key{1, "key2"}), login::step::wait);
    EXPECT_EQ(receive_ready(attempt), login::step::done);
    EXPECT_EQ(attempt.key(), (cancel_key{1, "key2"}));
}

class version_test : public login_test {
protected:
    static login_options offering(std::int32_t version, std::int32_t minimum) {
        login_options options = options_for(std::nullopt);
        options.version = version;
        options.minimum_version = minimum;
        return options;
    }
    login::step receive_version(login& attempt, std::int32_t version, std::vector<std::string_view> options = {}) {
        return receive(attempt, version_negotiation{version, std::move(options)});
    }
    const std::string long_secret_ = std::string(32, 's');
};

TEST_F(version_test, offered_3_2_and_not_answered_is_agreed_with_its_long_key) {
    login attempt(offering(protocol_3_2, protocol_3_2));
    attempt.start(client_);
    EXPECT_EQ(written(client_), wire("\0\0\0\x12\0\3\0\2user\0bob\0\0"));
    receive_ok(attempt);
    receive(attempt, cancel_key{1, long_secret_});
    EXPECT_EQ(receive_ready(attempt), login::step::done);
    EXPECT_EQ(attempt.key(), (cancel_key{1, long_secret_}));
}

TEST_F(version_test, server_that_knows_3_0_only_is_good_enough_unless_a_minimum_says_otherwise) {
    login attempt(offering(protocol_3_2, protocol_3_0));
    EXPECT_EQ(receive_version(attempt, protocol_3_0), login::step::wait);
    receive_ok(attempt);
    receive(attempt, cancel_key{1, "key2"});
    EXPECT_EQ(receive_ready(attempt), login::step::done);

    login strict(offering(protocol_3_2, protocol_3_2));
    EXPECT_THROW(receive_version(strict, protocol_3_0), connect_failed);
}

TEST_F(version_test, negotiation_that_makes_no_sense_is_a_violation) {
    for (const std::int32_t version : {protocol_3_2, protocol_3_2 + 1, protocol_3_0 + 1, 2 << 16, 0, -1}) {
        login attempt(offering(protocol_3_2, protocol_3_0));
        EXPECT_THROW(receive_version(attempt, version), protocol_violation) << version;
    }
    login asked_for_3_0(offering(protocol_3_0, protocol_3_0));
    EXPECT_THROW(receive_version(asked_for_3_0, protocol_3_0), protocol_violation);
    login with_option(offering(protocol_3_2, protocol_3_0));
    EXPECT_THROW(receive_version(with_option, protocol_3_0, {"_pq_.thing"}), protocol_violation);
    login twice(offering(protocol_3_2, protocol_3_0));
    receive_version(twice, protocol_3_0);
    EXPECT_THROW(receive_version(twice, protocol_3_0), protocol_violation);
    login late(offering(protocol_3_2, protocol_3_0));
    receive_ok(late);
    EXPECT_THROW(receive_version(late, protocol_3_0), protocol_violation);
}

TEST_F(version_test, long_key_under_3_0_and_impossible_keys_are_violations) {
    login old(offering(protocol_3_0, protocol_3_0));
    receive_ok(old);
    EXPECT_THROW(receive(old, cancel_key{1, long_secret_}), protocol_violation);
    for (const std::size_t size : {0U, 3U, 257U}) {
        login attempt(offering(protocol_3_2, protocol_3_0));
        receive_ok(attempt);
        EXPECT_THROW(receive(attempt, cancel_key{1, std::string(size, 's')}), protocol_violation) << size;
    }
}

TEST_F(login_test, ok_before_the_server_has_proved_itself_is_refused) {
    login after_offer(options_for("pencil"));
    receive_sasl(after_offer, {"SCRAM-SHA-256"});
    EXPECT_THROW(receive_ok(after_offer), authentication_failed);

    client_.clear();
    login after_proof(options_for("pencil"));
    exchange_proof(after_proof);
    EXPECT_THROW(receive_ok(after_proof), authentication_failed);
}

TEST_F(login_test, wrong_server_signature_is_refused) {
    login attempt(options_for("pencil"));
    exchange_proof(attempt);
    EXPECT_THROW(
        receive_data(attempt, authentication_method::sasl_final, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
        authentication_failed);
}

TEST_F(login_test, ready_or_key_before_ok_is_a_violation) {
    login attempt(options_for("pencil"));
    EXPECT_THROW(receive_ready(attempt), protocol_violation);
    EXPECT_THROW(receive(attempt, cancel_key{1, "key2"}), protocol_violation);
}

TEST_F(login_test, messages_out_of_turn_are_violations) {
    login attempt(options_for("pencil"));
    EXPECT_THROW(receive_data(attempt, authentication_method::sasl_continue, "r=x,s=W22Z,i=1"), protocol_violation);
    EXPECT_THROW(receive_data(attempt, authentication_method::sasl_final, "v=AAAA"), protocol_violation);
    receive_sasl(attempt, {"SCRAM-SHA-256"});
    EXPECT_THROW(receive_sasl(attempt, {"SCRAM-SHA-256"}), protocol_violation);
    EXPECT_THROW(receive_bytes(attempt, as_bytes(wire("D\0\0\0\6\0\0"))), protocol_violation);
    EXPECT_THROW(receive_bytes(attempt, as_bytes(wire("R\0\0\0\x08\0\0\0\x63"))), protocol_violation);
}

TEST_F(login_test, ok_or_key_twice_is_a_violation) {
    login attempt(options_for(std::nullopt));
    receive_ok(attempt);
    EXPECT_THROW(receive_ok(attempt), connection_error);
    receive(attempt, cancel_key{1, "key2"});
    EXPECT_THROW(receive(attempt, cancel_key{1, "key2"}), protocol_violation);
}

TEST_F(login_test, clear_text_password_is_sent_only_to_a_verified_server) {
    login plain(options_for("pencil"));
    EXPECT_THROW(receive_data(plain, authentication_method::cleartext_password, ""), authentication_failed);
    login_options unverified = options_for("pencil");
    unverified.tls = true;
    login over_tls(std::move(unverified));
    EXPECT_THROW(receive_data(over_tls, authentication_method::cleartext_password, ""), authentication_failed);
    EXPECT_TRUE(client_.empty());

    login_options verified = options_for("pencil");
    verified.tls = verified.server_verified = true;
    login attempt(std::move(verified));
    receive_data(attempt, authentication_method::cleartext_password, "");
    EXPECT_EQ(written(client_), wire("p\0\0\0\x0bpencil\0"));
    EXPECT_EQ(receive_ok(attempt), login::step::wait);
}

TEST_F(login_test, unsupported_methods_and_missing_password_are_named) {
    const auto message_of = [&](std::optional<std::string> password, auto receive_request) {
        login attempt(options_for(std::move(password)));
        try {
            receive_request(attempt);
        } catch (const authentication_failed& refused) {
            return std::string(refused.what());
        }
        return std::string("accepted");
    };
    const std::vector<std::pair<authentication_method, std::string_view>> unsupported{
        {authentication_method::gss, "GSSAPI"},
        {authentication_method::gss_continue, "GSSAPI"},
        {authentication_method::sspi, "SSPI"},
        {authentication_method::kerberos_v5, "Kerberos"},
        {authentication_method::scm_credential, "SCM"}};
    for (const auto& [method, name] : unsupported) {
        const std::string message = message_of("pencil", [&](login& a) { receive_data(a, method, ""); });
        EXPECT_NE(message.find(name), std::string::npos) << message;
        EXPECT_NE(message.find("does not support"), std::string::npos) << message;
    }
    EXPECT_NE(message_of("pencil", [&](login& a) { receive_data(a, authentication_method::crypt_password, "ab"); })
                  .find("crypt"),
              std::string::npos);
    EXPECT_NE(message_of("pencil", [&](login& a) { receive_sasl(a, {"OAUTHBEARER"}); }).find("OAuth"),
              std::string::npos);
    EXPECT_NE(message_of(std::nullopt, [&](login& a) { receive_sasl(a, {"SCRAM-SHA-256"}); }).find("none was given"),
              std::string::npos);
    EXPECT_NE(message_of("pencil", [&](login& a) { receive_sasl(a, {"SCRAM-SHA-512"}); }).find("SCRAM-SHA-256"),
              std::string::npos);
}

TEST_F(login_test, plus_is_taken_when_the_end_point_is_known_and_it_is_offered) {
    login_options options = options_for("pencil");
    const bytes_view hash = as_bytes("hash");
    options.tls = true;
    options.end_point_binding.assign(hash.begin(), hash.end());
    login bound(options);
    receive_sasl(bound, {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"});
    EXPECT_NE(written(client_).find(wire("SCRAM-SHA-256-PLUS\0")), std::string::npos);
    client_.clear();
    login not_offered(options);
    receive_sasl(not_offered, {"SCRAM-SHA-256"});
    EXPECT_NE(written(client_).find("y,,n=,r="), std::string::npos);
    client_.clear();
    options.end_point_binding.clear();
    login unknown(options);
    receive_sasl(unknown, {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"});
    EXPECT_NE(written(client_).find("n,,n=,r="), std::string::npos);
}

TEST_F(login_test, refusal_of_the_server_tells_whether_waiting_may_help) {
    const auto refuse_with = [&](std::string sqlstate) {
        login attempt(options_for("pencil"));
        outgoing_buffer server;
        diagnostic fields;
        fields.severity = "FATAL";
        fields.sqlstate = std::move(sqlstate);
        fields.message = "no";
        encode_error(server, fields);
        receive_bytes(attempt, server.pending());
    };
    EXPECT_THROW(refuse_with("28P01"), authentication_failed);
    EXPECT_THROW(refuse_with("28000"), authentication_failed);
    EXPECT_THROW(refuse_with("53300"), connect_failed);
    EXPECT_THROW(refuse_with("3D000"), configuration_error);
    EXPECT_THROW(refuse_with(""), connect_failed);
}

TEST_F(login_test, refusal_of_the_password_is_one_with_the_codes_of_poolers_too) {
    for (const std::string sqlstate : {"08P01", "XX000"}) {
        diagnostic fields;
        fields.sqlstate = sqlstate;
        outgoing_buffer server;
        encode_error(server, fields);
        login before(options_for("pencil"));
        try {
            receive_bytes(before, server.pending());
            FAIL() << "accepted";
        } catch (const authentication_failed&) {
            FAIL() << "no password had been given";
        } catch (const error&) { // of what kind: see above
        }
        login after(options_for("pencil"));
        exchange_proof(after);
        EXPECT_THROW(receive_bytes(after, server.pending()), authentication_failed);
    }
}

} // namespace
} // namespace wharf::postgres::protocol
