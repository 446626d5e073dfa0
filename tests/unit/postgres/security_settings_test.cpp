// Settings of TLS and login: what they mean together, and which files are used where none is named.
#include "postgres/certificate_files.hpp"
#include "postgres/scram_keys.hpp"
#include "support/temporary_directory.hpp"
#include "wharf/base/error.hpp"
#include "wharf/postgres/connector.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace wharf::postgres {
namespace {

settings from(const std::string& parameters) {
    return settings_from("postgresql://bob@db.example/app?" + parameters);
}

TEST(security_settings, what_looks_safe_and_is_not_is_refused) {
    for (const char* parameters : {"sslrootcert=system&sslmode=require", "sslrootcert=system&sslmode=verify-ca",
                                   "sslrootcert=system&sslmode=disable", "sslnegotiation=direct&sslmode=disable",
                                   "sslnegotiation=direct&sslmode=allow", "sslnegotiation=direct&sslmode=prefer"})
        EXPECT_THROW((void)make_connector(from(parameters)), configuration_error) << parameters;
    for (const char* parameters : {"sslrootcert=system", "sslrootcert=system&sslmode=verify-full",
                                   "sslnegotiation=direct", "sslnegotiation=direct&sslmode=require"})
        EXPECT_NO_THROW((void)make_connector(from(parameters))) << parameters;
    settings where = from("");
    where.require_auth = "scram";
    EXPECT_THROW((void)make_connector(where), configuration_error);
    where.require_auth.clear();
    where.minimum_tls_version = "TLSv1.1";
    EXPECT_THROW((void)make_connector(where), configuration_error);
}

TEST(security_settings, mode_follows_from_what_is_given_with_it) {
    EXPECT_EQ(from("sslmode=allow").mode_for({"db.example", 5432}), ssl_mode::allow);
    EXPECT_EQ(from("sslmode=require").mode_for({"db.example", 5432}), ssl_mode::require);
    for (const char* named : {"sslrootcert=/a", "sslcrl=/a", "sslcrldir=/a"})
        EXPECT_EQ(from("sslmode=require&" + std::string(named)).mode_for({"db.example", 5432}), ssl_mode::verify_ca);
    EXPECT_EQ(from("sslrootcert=system").mode_for({"localhost", 5432}), ssl_mode::verify_full);
    EXPECT_EQ(from("sslnegotiation=direct").mode_for({"localhost", 5432}), ssl_mode::require);
    EXPECT_EQ(from("sslnegotiation=direct").mode_for({"db.example", 5432}), ssl_mode::verify_full);
}

class default_files : public testing::Test {
protected:
    default_files() {
        std::filesystem::create_directory(home_.path() / ".postgresql");
        ::setenv("HOME", home_.path().c_str(), 1);
    }
    ~default_files() override { ::setenv("HOME", old_.c_str(), 1); }
    std::string make(const std::string& name, const std::string& text = "") {
        const auto path = home_.path() / ".postgresql" / name;
        std::ofstream(path) << text;
        return path.string();
    }

    const char* was_ = std::getenv("HOME");
    std::string old_ = was_ == nullptr ? "" : was_;
    test::temporary_directory home_;
};

TEST_F(default_files, those_in_the_home_directory_are_used_where_they_are_and_none_is_named) {
    EXPECT_EQ(find_certificate_files(settings()).authorities, "");
    EXPECT_EQ(find_certificate_files(settings()).certificate, "");
    const std::string root = make("root.crt");
    const std::string revoked = make("root.crl");
    const std::string own = make("postgresql.crt");
    const std::string key = make("postgresql.key");
    const certificate_files files = find_certificate_files(settings());
    EXPECT_EQ(files.authorities, root);
    EXPECT_EQ(files.revocations, revoked);
    EXPECT_EQ(files.certificate, own);
    EXPECT_EQ(files.key, key);
}

TEST_F(default_files, what_is_named_comes_first) {
    make("root.crt");
    make("root.crl");
    make("postgresql.crt");
    make("postgresql.key");
    settings where = from("sslrootcert=/root&sslcrl=/crl&sslcert=/own&sslkey=/key");
    certificate_files files = find_certificate_files(where);
    EXPECT_EQ(files.authorities, "/root");
    EXPECT_EQ(files.revocations, "/crl");
    EXPECT_EQ(files.certificate, "/own");
    EXPECT_EQ(files.key, "/key");
    files = find_certificate_files(from("sslrootcert=system&sslcrldir=/crls&sslcertmode=disable&sslcert=/own"));
    EXPECT_EQ(files.authorities, "");
    EXPECT_EQ(files.revocations, "");
    EXPECT_EQ(files.revocation_directory, "/crls");
    EXPECT_EQ(files.certificate, "");
}

TEST_F(default_files, key_beside_its_certificate_in_one_file_comes_before_that_of_the_home_directory) {
    const std::string key = make("postgresql.key");
    settings where;
    where.certificate = make("both.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n");
    EXPECT_EQ(find_certificate_files(where).key, "");
    where.certificate = make("alone.pem", "-----BEGIN CERTIFICATE-----\n");
    EXPECT_EQ(find_certificate_files(where).key, key);
}

TEST(security_page, it_names_every_setting_of_tls_and_login) {
    std::ifstream file(WHARF_SECURITY_PAGE);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    for (const char* name : {"sslmode", "sslnegotiation", "sslrootcert", "sslcrl", "sslcrldir", "sslcert", "sslkey",
                             "sslpassword", "sslcertmode", "sslsni", "ssl_min_protocol_version",
                             "ssl_max_protocol_version", "require_auth", "channel_binding"}) {
        EXPECT_NE(page.find('`' + std::string(name) + '`'), std::string::npos) << name;
    }
    for (const char* mode : {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}) {
        EXPECT_NE(page.find('`' + std::string(mode) + '`'), std::string::npos) << mode;
        EXPECT_NO_THROW((void)from("sslmode=" + std::string(mode)));
    }
}

protocol::scram_challenge challenge(std::size_t number, std::uint32_t iterations = 4096) {
    return {{static_cast<std::byte>(number)}, iterations};
}

TEST(scram_keys, key_is_found_for_the_same_salt_and_iterations_alone) {
    scram_keys keys;
    EXPECT_FALSE(keys.find(challenge(1)));
    keys.keep(challenge(1), {std::byte{7}});
    EXPECT_EQ(keys.find(challenge(1)), (protocol::sha256_hash{std::byte{7}}));
    EXPECT_FALSE(keys.find(challenge(2)));
    EXPECT_FALSE(keys.find(challenge(1, 4097)));
}

TEST(scram_keys, oldest_makes_room) {
    scram_keys keys;
    for (std::size_t number = 0; number < 10; ++number)
        keys.keep(challenge(number), {static_cast<std::byte>(number)});
    EXPECT_FALSE(keys.find(challenge(0)));
    EXPECT_FALSE(keys.find(challenge(1)));
    for (std::size_t number = 2; number < 10; ++number)
        EXPECT_EQ(keys.find(challenge(number)), (protocol::sha256_hash{static_cast<std::byte>(number)}));
}

} // namespace
} // namespace wharf::postgres
