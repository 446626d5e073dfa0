// What a server may make us do at login: require_auth, channel binding, passwords.
#include "login_attempt.hpp"

#include "postgres/protocol/authentication_policy.hpp"
#include "postgres/protocol/md5.hpp"

#include <functional>

namespace wharf::postgres::protocol {
namespace {

using method = authentication_policy::method;

TEST(authentication_policy, list_is_read_as_libpq_reads_it) {
    const authentication_policy any;
    const authentication_policy some("scram-sha-256,none");
    const authentication_policy others("!password,!md5");
    for (const method one :
         {method::none, method::password, method::md5, method::gss, method::sspi, method::scram, method::oauth}) {
        EXPECT_TRUE(any.accepts(one));
        EXPECT_FALSE(any.names(one));
        EXPECT_EQ(some.accepts(one), one == method::scram || one == method::none);
        EXPECT_EQ(some.names(one), some.accepts(one));
        EXPECT_EQ(others.accepts(one), one != method::password && one != method::md5);
        EXPECT_FALSE(others.names(one));
    }
    EXPECT_FALSE(authentication_policy("!none").accepts(method::none));
    EXPECT_TRUE(authentication_policy("!none").accepts(method::md5));
}

TEST(authentication_policy, list_that_makes_no_sense_is_refused) {
    for (const char* list : {"x", "md5,", ",md5", "md5,,none", "md5,md5", "!md5,none", "none,!md5", "!", "md5 ", "MD5"})
        EXPECT_THROW((void)authentication_policy(list), configuration_error) << list;
}

TEST(md5, answer_is_that_of_the_documentation) {
    // concat('md5', md5(concat(md5(concat('secret', 'bob')), 'salt'))), as PostgreSQL computes it
    EXPECT_EQ(md5_answer("secret", "bob", as_bytes("salt")), "md5a472781a92412d8a652b427f4c5b7f3f");
}

class login_policy : public login_test {
protected:
    using exchange = std::function<void(login&)>;

    // What the client says to a server that plays `server`.
    std::string verdict(login_options options, const exchange& server) {
        client_.clear();
        login attempt(std::move(options));
        try {
            attempt.start(client_);
            server(attempt);
        } catch (const authentication_failed& refused) {
            EXPECT_EQ(std::string_view(refused.what()).find("pencil"), std::string_view::npos);
            return refused.what();
        }
        return "accepted";
    }
    login_options required(const char* list) {
        login_options options = options_for("pencil");
        options.policy = authentication_policy(list);
        options.tls = options.server_verified = true;
        return options;
    }
    login_options bound(binding_demand demand, std::string_view hash = "hash") {
        login_options options = options_for("pencil");
        options.tls = options.server_verified = true;
        options.end_point_binding.assign(as_bytes(hash).begin(), as_bytes(hash).end());
        options.binding = demand;
        return options;
    }

    const exchange trust = [this](login& attempt) { receive_ok(attempt); };
    const exchange password = [this](login& attempt) {
        receive_data(attempt, authentication_method::cleartext_password, "");
        receive_ok(attempt);
    };
    const exchange md5 = [this](login& attempt) {
        receive_data(attempt, authentication_method::md5_password, "salt");
        receive_ok(attempt);
    };
    const exchange scram = [this](login& attempt) { receive_sasl(attempt, {"SCRAM-SHA-256"}); };
    const exchange plus = [this](login& attempt) { receive_sasl(attempt, {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}); };
    const exchange plus_only = [this](login& attempt) { receive_sasl(attempt, {"SCRAM-SHA-256-PLUS"}); };
};

TEST_F(login_policy, require_auth_holds_against_every_method_that_it_does_not_list) {
    const std::vector<std::pair<const char*, const exchange*>> servers{
        {"none", &trust}, {"password", &password}, {"md5", &md5}, {"scram-sha-256", &scram}};
    for (const auto& [required_method, accepted] : servers) {
        for (const auto& [offered, server] : servers) {
            const std::string allowed = verdict(required(required_method), *server);
            EXPECT_EQ(allowed == "accepted", server == accepted) << required_method << ' ' << offered << ' ' << allowed;
            if (server != accepted) {
                EXPECT_NE(allowed.find("require_auth"), std::string::npos) << allowed;
            }
            const std::string forbidden = verdict(required(("!" + std::string(required_method)).c_str()), *server);
            EXPECT_EQ(forbidden == "accepted", server != accepted) << required_method << ' ' << offered;
        }
        EXPECT_EQ(verdict(required(""), *accepted), "accepted") << required_method;
    }
    EXPECT_EQ(verdict(required("scram-sha-256,none"), trust), "accepted");
    EXPECT_EQ(verdict(required("scram-sha-256,none"), scram), "accepted");
}

TEST_F(login_policy, nothing_of_the_password_leaves_where_require_auth_refuses) {
    for (const exchange* server : {&password, &md5, &scram}) {
        const std::string startup = [&] {
            verdict(required("none"), [](login&) {});
            return written(client_);
        }();
        verdict(required("none"), *server);
        EXPECT_EQ(written(client_), startup);
    }
}

TEST_F(login_policy, channel_binding_required_holds_against_all_that_is_not_bound) {
    for (const exchange* server : {&trust, &password, &md5, &scram}) {
        const std::string refused = verdict(bound(binding_demand::require), *server);
        EXPECT_NE(refused.find("channel_binding=require"), std::string::npos) << refused;
    }
    EXPECT_EQ(verdict(bound(binding_demand::require), plus), "accepted");
    EXPECT_EQ(verdict(bound(binding_demand::require), plus_only), "accepted");
}

TEST_F(login_policy, channel_binding_required_where_there_is_none_sends_nothing_at_all) {
    login_options plain = options_for("pencil");
    plain.binding = binding_demand::require;
    EXPECT_NE(verdict(plain, plus).find("not encrypted"), std::string::npos);
    EXPECT_TRUE(client_.empty());
    EXPECT_NE(verdict(bound(binding_demand::require, ""), plus).find("certificate"), std::string::npos);
}

TEST_F(login_policy, server_that_lets_us_in_before_a_bound_login_is_finished_is_refused) {
    const std::string refused = verdict(bound(binding_demand::require), [this](login& attempt) {
        receive_sasl(attempt, {"SCRAM-SHA-256-PLUS"});
        receive_ok(attempt);
    });
    EXPECT_NE(refused.find("before it had proved"), std::string::npos) << refused;
}

TEST_F(login_policy, bound_login_to_its_end_is_accepted) {
    EXPECT_EQ(verdict(bound(binding_demand::require),
                      [this](login& attempt) {
                          exchange_proof(attempt, "SCRAM-SHA-256-PLUS");
                          receive_data(attempt, authentication_method::sasl_final, "v=" + expected_signature(attempt));
                          receive_ok(attempt);
                      }),
              "accepted");
}

TEST_F(login_policy, channel_binding_disabled_says_that_the_client_cannot) {
    EXPECT_EQ(verdict(bound(binding_demand::disable), plus), "accepted");
    EXPECT_NE(written(client_).find("n,,n=,r="), std::string::npos);
    EXPECT_EQ(written(client_).find("PLUS"), std::string::npos);
    EXPECT_NE(verdict(bound(binding_demand::disable), plus_only), "accepted");
}

TEST_F(login_policy, channel_binding_offered_without_tls_is_somebody_in_between) {
    EXPECT_NE(verdict(options_for("pencil"), plus).find("not encrypted"), std::string::npos);
}

TEST_F(login_policy, md5_goes_to_verified_and_local_servers_and_elsewhere_only_by_name) {
    login_options far = options_for("pencil");
    EXPECT_NE(verdict(far, md5).find("require_auth names md5"), std::string::npos);
    EXPECT_EQ(written(client_).find("md5"), std::string::npos);
    far.tls = true;
    EXPECT_NE(verdict(far, md5), "accepted");
    far.server_verified = true;
    EXPECT_EQ(verdict(far, md5), "accepted");
    login_options near = options_for("pencil");
    near.local = true;
    EXPECT_EQ(verdict(near, md5), "accepted");
    EXPECT_NE(written(client_).find(md5_answer("pencil", "bob", as_bytes("salt"))), std::string::npos);
    login_options named = options_for("pencil");
    named.policy = authentication_policy("md5");
    EXPECT_EQ(verdict(named, md5), "accepted");
    named.policy = authentication_policy("!password");
    EXPECT_NE(verdict(named, md5), "accepted");
}

TEST_F(login_policy, clear_text_goes_to_a_local_server_where_require_auth_names_it_and_to_no_other_unverified_one) {
    login_options near = options_for("pencil");
    near.local = true;
    EXPECT_NE(verdict(near, password).find("clear text"), std::string::npos);
    near.policy = authentication_policy("!md5");
    EXPECT_NE(verdict(near, password).find("clear text"), std::string::npos) << "it is not named";
    login_options far = options_for("pencil");
    far.policy = authentication_policy("password");
    EXPECT_NE(verdict(far, password).find("clear text"), std::string::npos);
    EXPECT_EQ(written(client_).find("pencil"), std::string::npos);
    near.policy = authentication_policy("password,scram-sha-256");
    EXPECT_EQ(verdict(near, password), "accepted");
    EXPECT_NE(written(client_).find("pencil"), std::string::npos);
}

} // namespace
} // namespace wharf::postgres::protocol
