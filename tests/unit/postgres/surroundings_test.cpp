// What settings_from() takes from the service file and the environment.
#include "wharf/base/error.hpp"
#include "wharf/postgres/settings.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace wharf::postgres {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

environment around_with(std::map<std::string, std::string, std::less<>> variables) {
    environment around;
    around.user = "ann";
    around.variables = std::move(variables);
    around.variables.emplace("PGSYSCONFDIR", "/nonexistent");
    return around;
}

std::string refusal(const std::string& url, const environment& around) {
    try {
        (void)settings_from(url, around);
    } catch (const configuration_error& refused) {
        return refused.what();
    }
    return "accepted";
}

TEST(surroundings, nothing_is_given__defaults_are_those_of_libpq) {
    const settings where = settings_from("postgresql://", around_with({}));
    EXPECT_EQ(where.user, "ann");
    EXPECT_EQ(where.database, "ann");
    ASSERT_EQ(where.servers.size(), 1U);
    EXPECT_EQ(where.servers[0].port, 5432);
    EXPECT_TRUE(where.servers[0].host == "/var/run/postgresql" || where.servers[0].host == "localhost");
    EXPECT_EQ(where.application_name, "wharf");
    EXPECT_EQ(where.password_file, "");
    EXPECT_EQ(settings_from("postgresql://bob@", around_with({})).database, "bob");
    EXPECT_THAT(refusal("postgresql://", environment()), HasSubstr("no user"));
}

TEST(surroundings, every_variable_fills_its_parameter) {
    environment around = around_with({{"PGHOST", "a,b"},
                                      {"PGHOSTADDR", "10.0.0.1,::1"},
                                      {"PGPORT", "1,2"},
                                      {"PGDATABASE", "shop"},
                                      {"PGUSER", "bob"},
                                      {"PGPASSWORD", "secret"},
                                      {"PGPASSFILE", "/p"},
                                      {"PGOPTIONS", "-c geqo=off"},
                                      {"PGAPPNAME", "till"},
                                      {"PGSSLMODE", "verify-ca"},
                                      {"PGSSLROOTCERT", "/ca"},
                                      {"PGSSLCERT", "/cert"},
                                      {"PGSSLKEY", "/key"},
                                      {"PGSSLCRL", "/crl"},
                                      {"PGSSLCRLDIR", "/crls"},
                                      {"PGSSLSNI", "0"},
                                      {"PGSSLCERTMODE", "disable"},
                                      {"PGSSLNEGOTIATION", "direct"},
                                      {"PGSSLMINPROTOCOLVERSION", "TLSv1.3"},
                                      {"PGSSLMAXPROTOCOLVERSION", "TLSv1.3"},
                                      {"PGREQUIREPEER", "postgres"},
                                      {"PGREQUIREAUTH", "none"},
                                      {"PGCHANNELBINDING", "require"},
                                      {"PGMINPROTOCOLVERSION", "3.2"},
                                      {"PGMAXPROTOCOLVERSION", "latest"},
                                      {"PGGSSENCMODE", "disable"},
                                      {"PGCONNECT_TIMEOUT", "7"},
                                      {"PGTARGETSESSIONATTRS", "read-write"},
                                      {"PGLOADBALANCEHOSTS", "random"},
                                      {"PGTZ", "Asia/Tokyo"},
                                      {"PGDATESTYLE", "German"},
                                      {"PGGEQO", "default"},
                                      {"PGCLIENTENCODING", "LATIN1"}});
    around.home = "/home/ann";
    const settings where = settings_from("postgresql://", around);
    ASSERT_EQ(where.servers.size(), 2U);
    EXPECT_EQ(where.servers[0].host, "a");
    EXPECT_EQ(where.servers[0].address, "10.0.0.1");
    EXPECT_EQ(where.servers[1].port, 2);
    EXPECT_EQ(where.servers[1].address, "::1");
    EXPECT_EQ(where.database, "shop");
    EXPECT_EQ(where.user, "bob");
    EXPECT_EQ(where.password, "secret");
    EXPECT_EQ(where.password_file, "/p");
    EXPECT_EQ(where.options, "-c geqo=off");
    EXPECT_EQ(where.application_name, "till");
    EXPECT_EQ(where.sslmode, ssl_mode::verify_ca);
    EXPECT_EQ(where.root_certificate, "/ca");
    EXPECT_EQ(where.certificate, "/cert");
    EXPECT_EQ(where.certificate_key, "/key");
    EXPECT_EQ(where.certificate_revocation_list, "/crl");
    EXPECT_EQ(where.certificate_revocation_directory, "/crls");
    EXPECT_FALSE(where.server_name_indication);
    EXPECT_EQ(where.certificate_mode, ssl_certificate_mode::disable);
    EXPECT_EQ(where.sslnegotiation, ssl_negotiation::direct);
    EXPECT_EQ(where.minimum_tls_version, "TLSv1.3");
    EXPECT_EQ(where.maximum_tls_version, "TLSv1.3");
    EXPECT_EQ(where.required_peer, "postgres");
    EXPECT_EQ(where.require_auth, "none");
    EXPECT_EQ(where.channel_binding, channel_binding_mode::require);
    EXPECT_EQ(where.min_protocol_version, protocol_version::v3_2);
    EXPECT_EQ(where.max_protocol_version, protocol_version::v3_2);
    EXPECT_EQ(where.connect_timeout, std::chrono::seconds(7));
    EXPECT_EQ(where.target_session_attrs, session_target::read_write);
    EXPECT_EQ(where.load_balance_hosts, host_order::random);
    EXPECT_THAT(where.parameters, ElementsAre(Pair("datestyle", "German"), Pair("timezone", "Asia/Tokyo")));
}

TEST(surroundings, connection_string_overrules_the_environment) {
    const environment around = around_with({{"PGHOST", "e"}, {"PGPORT", "1"}, {"PGUSER", "e"}, {"PGDATABASE", "e"}});
    const settings where = settings_from("postgresql://u@h/d", around);
    EXPECT_EQ(where.user, "u");
    EXPECT_EQ(where.servers[0].host, "h");
    EXPECT_EQ(where.servers[0].port, 1) << "the environment's: the URL gives none";
    EXPECT_EQ(where.database, "d");
    EXPECT_EQ(settings_from("dbname='' user=u", around).database, "u") << "an empty value is a value";
}

TEST(surroundings, sslmode_of_old_is_taken_where_no_newer_is_given) {
    EXPECT_EQ(settings_from("host=h", around_with({{"PGREQUIRESSL", "1"}})).sslmode, ssl_mode::require);
    EXPECT_EQ(settings_from("host=h", around_with({{"PGREQUIRESSL", "0"}})).sslmode, std::nullopt);
    EXPECT_EQ(settings_from("host=h", around_with({{"PGREQUIRESSL", "1"}, {"PGSSLMODE", "disable"}})).sslmode,
              ssl_mode::disable);
}

TEST(surroundings, application_name_falls_back) {
    const environment around = around_with({});
    EXPECT_EQ(settings_from("application_name=a fallback_application_name=b", around).application_name, "a");
    EXPECT_EQ(settings_from("application_name='' fallback_application_name=b", around).application_name, "b");
    EXPECT_EQ(settings_from("application_name=''", around).application_name, "");
    const environment named = around_with({{"PGAPPNAME", "n"}});
    EXPECT_EQ(settings_from("fallback_application_name=b", named).application_name, "n");
}

TEST(surroundings, value_that_cannot_be_used__message_says_where_it_is_from) {
    EXPECT_THAT(refusal("host=h", around_with({{"PGSSLMODE", "canary"}})),
                AllOf(HasSubstr("sslmode is none of"), HasSubstr("the environment variable PGSSLMODE"),
                      Not(HasSubstr("canary"))));
    EXPECT_THAT(refusal("host=h", around_with({{"PGPORT", "x"}})), HasSubstr("the environment variable PGPORT"));
    EXPECT_THAT(refusal("host=h", around_with({{"PGGSSENCMODE", "require"}})), HasSubstr("GSSAPI is not supported"));
    EXPECT_THAT(refusal("port=1,2", around_with({})), HasSubstr("1 hosts and 2 ports"));
    EXPECT_THAT(refusal("hostaddr=db.example", around_with({})), HasSubstr("no numeric address"));
}

TEST(surroundings, tcp_settings_are_whole_numbers) {
    const settings where = settings_from("host=h keepalives=0 keepalives_idle=' 10 ' keepalives_interval=11 "
                                         "keepalives_count=12 tcp_user_timeout=13 connect_timeout=0",
                                         around_with({}));
    EXPECT_FALSE(where.keepalives);
    EXPECT_EQ(where.keepalives_idle, std::chrono::seconds(10));
    EXPECT_EQ(where.keepalives_interval, std::chrono::seconds(11));
    EXPECT_EQ(where.keepalives_count, 12);
    EXPECT_EQ(where.tcp_user_timeout, std::chrono::milliseconds(13));
    EXPECT_EQ(where.connect_timeout, duration::max());
    for (const char* text : {"keepalives=x", "keepalives_idle=", "keepalives_interval=1.5",
                             "keepalives_count=99999999999", "tcp_user_timeout='1 2'", "connect_timeout=soon"})
        EXPECT_THAT(refusal(text, around_with({})), HasSubstr("is no whole number")) << text;
}

TEST(surroundings, password_is_in_no_message_about_what_cannot_be_used) {
    const std::vector<std::string> wrong{"sslmode=x",          "connect_timeout=x",      "keepalives=x",
                                         "port=1,2",           "hostaddr=name",          "service=none",
                                         "gssencmode=require", "target_session_attrs=x", "require_auth=x",
                                         "channel_binding=x",  "load_balance_hosts=x",   "krbsrvname=x",
                                         "replication=true",   "min_protocol_version=9", "ssl_min_protocol_version=x",
                                         "sslcertmode=x",      "sslnegotiation=x",       "sslsni=x",
                                         "oauth_issuer=x",     "client_encoding=LATIN1", "sslkeylogfile=x"};
    for (const std::string& parameter : wrong)
        for (const std::string& url : {"password=canary sslpassword=canary " + parameter,
                                       "postgresql://u:canary@h/d?sslpassword=canary&" + parameter})
            EXPECT_THAT(refusal(url, around_with({{"PGPASSWORD", "canary"}})),
                        AllOf(Not(HasSubstr("canary")), Not("accepted")))
                << url;
}

TEST(surroundings, words_with_a_meaning_are_checked) {
    for (const char* text : {"target_session_attrs=x", "load_balance_hosts=x", "sslmode=on", "sslmode=''"})
        EXPECT_THAT(refusal(text, around_with({})), HasSubstr("is none of")) << text;
    EXPECT_EQ(settings_from("target_session_attrs=prefer-standby", around_with({})).target_session_attrs,
              session_target::prefer_standby);
}

class service_file : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) { std::ofstream(directory_.path() / name) << text; }
    [[nodiscard]] std::string path(const std::string& name) const { return directory_.path() / name; }
    [[nodiscard]] environment around(std::map<std::string, std::string, std::less<>> variables = {}) const {
        environment made = around_with(std::move(variables));
        made.home = directory_.path();
        return made;
    }

    test::temporary_directory directory_;
};

TEST_F(service_file, own_file_has_the_service__it_fills_what_the_string_leaves_and_goes_before_the_environment) {
    write(".pg_service.conf", "# comment\n[other]\nhost=o\n\n [shop] \n  host=s\nport=7\r\nuser=bob\n[more]\nhost=m\n");
    const environment here = around({{"PGHOST", "e"}, {"PGDATABASE", "e"}});
    const settings where = settings_from("postgresql://ann@?service=shop", here);
    EXPECT_EQ(where.servers[0].host, "s");
    EXPECT_EQ(where.servers[0].port, 7);
    EXPECT_EQ(where.user, "ann");
    EXPECT_EQ(where.database, "e");
    EXPECT_EQ(settings_from("service=more", here).servers[0].host, "m");
    EXPECT_EQ(settings_from("postgresql://", around({{"PGSERVICE", "shop"}})).servers[0].host, "s");
    EXPECT_EQ(settings_from("service=more", around({{"PGSERVICE", "shop"}})).servers[0].host, "m");
}

TEST_F(service_file, first_value_of_a_service_counts) {
    write(".pg_service.conf", "[a]\nhost=first\nhost=second\n[a]\nport=1\n");
    const settings where = settings_from("service=a", around());
    EXPECT_EQ(where.servers[0].host, "first");
    EXPECT_EQ(where.servers[0].port, 5432) << "only the first section of the name is read";
}

TEST_F(service_file, systems_file_is_asked_where_the_own_has_no_such_service) {
    write(".pg_service.conf", "[mine]\nhost=m\n");
    write("pg_service.conf", "[shop]\nhost=s\n");
    const environment here = around({{"PGSYSCONFDIR", path("")}});
    EXPECT_EQ(settings_from("service=shop", here).servers[0].host, "s");
    EXPECT_EQ(settings_from("service=mine", here).servers[0].host, "m");
    EXPECT_THAT(refusal("service=none", here), HasSubstr("no service file defines the service \"none\""));
    write("named", "[shop]\nhost=n\n");
    EXPECT_EQ(settings_from("service=shop", around({{"PGSERVICEFILE", path("named")}})).servers[0].host, "n");
    EXPECT_THAT(refusal("service=shop", around({{"PGSERVICEFILE", path("missing")}})), HasSubstr("cannot be opened"));
}

TEST_F(service_file, line_that_cannot_be_read__is_named_by_number_without_what_it_says) {
    const auto why = [this](const std::string& line) {
        write(".pg_service.conf", "[a]\nhost=h\n" + line + "\n");
        return refusal("service=a", around());
    };
    const auto place = HasSubstr("line 3 of " + path(".pg_service.conf"));
    EXPECT_THAT(why("canary"), AllOf(HasSubstr("no keyword"), place, Not(HasSubstr("canary"))));
    EXPECT_THAT(why("pasword =canary"), AllOf(HasSubstr("unknown parameter"), place, Not(HasSubstr("canary"))));
    EXPECT_THAT(why("service=b"), AllOf(HasSubstr("another service"), place));
    EXPECT_THAT(why("ldap://ldap.example/dc=x"), AllOf(HasSubstr("LDAP is not supported"), place));
    EXPECT_THAT(why("sslmode=canary"), AllOf(HasSubstr("sslmode is none of"), place, Not(HasSubstr("canary"))));
}

TEST(surroundings, process_is_where_they_are_from_unless_told_otherwise) {
    ASSERT_EQ(::setenv("PGAPPNAME", "of the process", 1), 0);
    EXPECT_EQ(settings_from("host=h").application_name, "of the process");
    ::unsetenv("PGAPPNAME");
    EXPECT_EQ(settings_from("host=h").application_name, "wharf");
    EXPECT_NE(environment::of_process().user, "");
}

} // namespace
} // namespace wharf::postgres
