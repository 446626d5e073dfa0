// Which certificate is whose.
#include "io/tls_name.hpp"

#include "unit/io/certificates.hpp"
#include "unit/io/name_cases.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using wharf::io::is_certificate_of;
namespace test = wharf::io::test;
using wharf::io::test::authority;
using wharf::io::test::certificate_wish;

TEST(tls_name, table_of_certificates__has_the_verdicts_of_libpq) {
    const authority from;
    for (const auto& [names, common_name, host, accepted, libpq_differs] : test::name_cases()) {
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
