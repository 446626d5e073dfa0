#include "wharf/postgres/settings.hpp"

#include "wharf/base/error.hpp"
#include "wharf/postgres/connector.hpp"

#include <gtest/gtest.h>

namespace wharf::postgres {
namespace {

TEST(settings, url_fills_them) {
    const settings where = settings_from("postgresql://bob:secret@db.example:5433/app?sslmode=verify-ca&sslrootcert="
                                         "/ca.pem&application_name=shop&options=-c%20geqo%3Doff&connect_timeout=3");
    ASSERT_EQ(where.servers.size(), 1U);
    EXPECT_EQ(where.servers[0].host, "db.example");
    EXPECT_EQ(where.servers[0].port, 5433);
    EXPECT_EQ(where.user, "bob");
    EXPECT_EQ(where.password, "secret");
    EXPECT_EQ(where.database, "app");
    EXPECT_EQ(where.sslmode, ssl_mode::verify_ca);
    EXPECT_EQ(where.root_certificate, "/ca.pem");
    EXPECT_EQ(where.application_name, "shop");
    EXPECT_EQ(where.options, "-c geqo=off");
    EXPECT_EQ(where.connect_timeout, std::chrono::seconds(3));
}

TEST(settings, tls_and_login_are_read) {
    const settings where = settings_from(
        "postgresql://h/?sslnegotiation=direct&channel_binding=require&require_auth=scram-sha-256,none&sslcrl=/a.crl"
        "&sslcrldir=/crl&ssl_min_protocol_version=tlsv1.3&ssl_max_protocol_version=TLSv1.3&sslcertmode=require"
        "&sslpassword=x&sslsni=0&min_protocol_version=3.2");
    EXPECT_EQ(where.sslnegotiation, ssl_negotiation::direct);
    EXPECT_EQ(where.channel_binding, channel_binding_mode::require);
    EXPECT_EQ(where.require_auth, "scram-sha-256,none");
    EXPECT_EQ(where.certificate_revocation_list, "/a.crl");
    EXPECT_EQ(where.certificate_revocation_directory, "/crl");
    EXPECT_EQ(where.minimum_tls_version, "TLSv1.3");
    EXPECT_EQ(where.maximum_tls_version, "TLSv1.3");
    EXPECT_EQ(where.certificate_mode, ssl_certificate_mode::require);
    EXPECT_EQ(where.certificate_key_password, "x");
    EXPECT_FALSE(where.server_name_indication);
    EXPECT_EQ(where.min_protocol_version, protocol_version::v3_2);
    EXPECT_EQ(where.max_protocol_version, protocol_version::v3_2);
    EXPECT_EQ(settings_from("postgresql://h/?max_protocol_version=latest").max_protocol_version,
              protocol_version::v3_2);
}

TEST(settings, values_that_have_no_meaning_are_refused) {
    for (const char* parameter :
         {"sslnegotiation=x", "channel_binding=x", "require_auth=x", "require_auth=md5,!none", "require_auth=md5,md5",
          "require_auth=md5,", "ssl_min_protocol_version=TLSv1", "ssl_max_protocol_version=x", "sslcertmode=x",
          "sslsni=2", "min_protocol_version=3.1", "max_protocol_version=4",
          "ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2",
          "min_protocol_version=3.2&max_protocol_version=3.0"})
        EXPECT_THROW((void)settings_from("postgresql://h/?" + std::string(parameter)), configuration_error)
            << parameter;
}

TEST(settings, parameter_that_is_not_followed_is_refused) {
    for (const char* parameter : {"gssencmode=require", "krbsrvname=x", "replication=database", "sslcompression=1",
                                  "oauth_issuer=x", "sslkeylogfile=x", "client_encoding=LATIN1"})
        EXPECT_THROW((void)settings_from("postgresql://h/?" + std::string(parameter)), configuration_error)
            << parameter;
    EXPECT_NO_THROW(
        (void)settings_from("postgresql://h/?client_encoding=UTF8&channel_binding=prefer&gssencmode=disable"));
    EXPECT_THROW((void)settings_from("sqlite://"), configuration_error);
}

TEST(settings, server_that_is_not_local_is_verified_in_full_unless_told_otherwise) {
    settings where;
    EXPECT_EQ(where.mode_for({"db.example", 5432}), ssl_mode::verify_full);
    EXPECT_EQ(where.mode_for({"localhost", 5432}), ssl_mode::prefer);
    EXPECT_EQ(where.mode_for({"127.0.0.1", 5432}), ssl_mode::prefer);
    EXPECT_EQ(where.mode_for({"::1", 5432}), ssl_mode::prefer);
    EXPECT_EQ(where.mode_for({"/run", 5432}), ssl_mode::disable);
    EXPECT_EQ(where.mode_for({"127.example.org", 5432}), ssl_mode::verify_full) << "a name, not an address";
    EXPECT_EQ(where.mode_for({"localhost", 5432, "192.0.2.1"}), ssl_mode::verify_full) << "reached elsewhere";
    EXPECT_EQ(where.mode_for({"db.example", 5432, "127.0.0.1"}), ssl_mode::verify_full) << "a tunnel to elsewhere";
    EXPECT_EQ(where.mode_for({"localhost", 5432, "127.0.0.1"}), ssl_mode::prefer);
    EXPECT_EQ(where.mode_for({"/run", 5432, "127.0.0.1"}), ssl_mode::prefer);
    EXPECT_EQ(where.mode_for({"/run", 5432, "192.0.2.1"}), ssl_mode::verify_full);
    where.sslmode = ssl_mode::disable;
    EXPECT_EQ(where.mode_for({"db.example", 5432}), ssl_mode::disable);
    where.sslmode = ssl_mode::require;
    EXPECT_EQ(where.mode_for({"db.example", 5432}), ssl_mode::require);
    where.root_certificate = "/ca.pem";
    EXPECT_EQ(where.mode_for({"db.example", 5432}), ssl_mode::verify_ca);
    EXPECT_EQ(where.mode_for({"/run", 5432}), ssl_mode::disable);
}

settings good() {
    settings where;
    where.servers = {{"127.0.0.1", 5432}};
    where.user = "bob";
    return where;
}

TEST(settings, those_that_cannot_work_are_refused_before_a_connection_is_tried) {
    EXPECT_NO_THROW((void)make_connector(good()));
    const auto refused = [](auto change) {
        settings where = good();
        change(where);
        EXPECT_THROW((void)make_connector(where), configuration_error);
    };
    refused([](settings& where) { where.servers.clear(); });
    refused([](settings& where) { where.servers[0].host.clear(); });
    refused([](settings& where) { where.servers[0].port = 0; });
    refused([](settings& where) { where.user.clear(); });
    refused([](settings& where) { where.user = std::string("b\0b", 3); });
    refused([](settings& where) { where.password = std::string("b\0b", 3); });
    refused([](settings& where) { where.parameters = {{"", "x"}}; });
    refused([](settings& where) { where.parameters = {{"client_encoding", "LATIN1"}}; });
    refused([](settings& where) { where.parameters = {{"replication", "true"}}; });
    refused([](settings& where) { where.parameters = {{"TimeZone", std::string("U\0C", 3)}}; });
}

TEST(settings, description_has_no_password) {
    settings where = good();
    where.password = "hunter2";
    where.servers.push_back({"::1", 5433});
    where.servers.push_back({"/run", 5434});
    EXPECT_EQ(make_connector(where)->description(),
              "postgresql://bob@127.0.0.1:5432,[::1]:5433,/run/.s.PGSQL.5434/bob");
}

TEST(settings, statement_cache_is_set_by_the_url) {
    const settings where = settings_from(database_url("postgresql://bob@h/db?statement_cache_size=0&"
                                                      "statement_cache_max_age=300&statement_cache_max_length=1000"));
    EXPECT_EQ(where.statement_cache_size, 0U);
    EXPECT_EQ(where.statement_cache_max_age, std::chrono::seconds(300));
    EXPECT_EQ(where.statement_cache_max_length, 1000U);
    EXPECT_THROW((void)settings_from(database_url("postgresql://bob@h/db?statement_cache_size=-1")),
                 configuration_error);
}

} // namespace
} // namespace wharf::postgres
