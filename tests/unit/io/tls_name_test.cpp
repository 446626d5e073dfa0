// Which certificate is whose: a table, and the same question put to libpq's rules.
#include "io/tls_name.hpp"

#include "unit/io/certificates.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using wharf::io::is_certificate_of;
using wharf::io::test::authority;
using wharf::io::test::certificate_wish;

struct name_case {
    std::string names;
    std::string common_name;
    std::string host;
    bool accepted;
};

TEST(tls_name, table_of_certificates__has_the_verdicts_of_libpq) {
    const std::vector<name_case> table{
        {"DNS:db.example.org", "x", "db.example.org", true},
        {"DNS:db.example.org", "x", "DB.Example.ORG", true},
        {"DNS:DB.example.org", "x", "db.example.org", true},
        {"DNS:db.example.org", "x", "db.example.com", false},
        {"DNS:db.example.org", "x", "db.example.org.", false},
        {"DNS:db.example.org", "x", "xdb.example.org", false},
        {"DNS:db.example.org", "x", "example.org", false},
        {"DNS:one.example.org,DNS:two.example.org", "x", "two.example.org", true},
        // one label, the leftmost, whole
        {"DNS:*.example.org", "x", "db.example.org", true},
        {"DNS:*.example.org", "x", "a.db.example.org", false},
        {"DNS:*.example.org", "x", "example.org", false},
        {"DNS:*.example.org", "x", ".example.org", false},
        {"DNS:d*.example.org", "x", "db.example.org", false},
        {"DNS:*b.example.org", "x", "db.example.org", false},
        {"DNS:db.*.org", "x", "db.example.org", false},
        {"DNS:*", "x", "localhost", false},
        {"DNS:*.", "x", "localhost", false},
        {"DNS:*.internal", "x", "db.internal", true},
        // the common name, only where no alternative name is of the host's kind
        {"", "db.example.org", "db.example.org", true},
        {"", "*.example.org", "db.example.org", true},
        {"", "db.example.org", "other.example.org", false},
        {"DNS:other.example.org", "db.example.org", "db.example.org", false},
        {"IP:127.0.0.1", "db.example.org", "db.example.org", true},
        {"email:a@example.org", "db.example.org", "db.example.org", true},
        {"DNS:db.example.org", "192.0.2.1", "192.0.2.1", true},
        {"IP:192.0.2.9", "192.0.2.1", "192.0.2.1", false},
        // addresses
        {"IP:192.0.2.1", "x", "192.0.2.1", true},
        {"IP:192.0.2.1", "x", "192.0.2.2", false},
        {"IP:2001:db8::1", "x", "2001:db8::1", true},
        {"IP:2001:db8::1", "x", "2001:0DB8:0:0::1", true},
        {"IP:2001:db8::1", "x", "2001:db8::2", false},
        {"DNS:192.0.2.1", "x", "192.0.2.1", true},
        {"DNS:*.0.2.1", "x", "192.0.2.1", false},
        {"", "*.0.2.1", "192.0.2.1", false},
        {"IP:192.0.2.1", "x", "db.example.org", false},
        {"DNS:db.example.org", "x", "", false},
    };
    const authority from;
    for (const auto& [names, common_name, host, accepted] : table) {
        const auto made = from.issue(certificate_wish{.names = names, .common_name = common_name});
        EXPECT_EQ(is_certificate_of(*made.certificate, host), accepted) << names << ' ' << common_name << ' ' << host;
    }
}

TEST(tls_name, nul_inside_of_a_name__is_not_the_end_of_it) {
    const authority from;
    const std::string common_name("db.example.org\0.attacker.org", 28);
    const auto made = from.issue(certificate_wish{.names = "", .common_name = common_name});
    EXPECT_FALSE(is_certificate_of(*made.certificate, "db.example.org"));
}

} // namespace
