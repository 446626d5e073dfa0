#include "support/first_value.hpp"
#include "support/postgres_server.hpp"
#include "support/servers.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <ostream>
#include <string>

namespace wharf::test {
namespace {

TEST(servers, postgres18_has_databases_of_ones_own_and_pgvector) {
    const database ours(servers::postgres18());
    EXPECT_EQ(ours.value("SELECT current_setting('server_version_num')::int / 10000"), "18");
    ours.execute("CREATE EXTENSION vector; CREATE EXTENSION hstore");
    EXPECT_EQ(first_value(ours.tls_url(), "SELECT '[1,2]'::vector <-> '[4,6]'"), "5");
    EXPECT_EQ(first_value(ours.tcp_url(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), "f");
    const database others;
    EXPECT_EQ(others.value("SELECT current_setting('server_version_num')::int / 10000"), "15");
}

TEST(servers, postgres18_can_be_started_and_stopped_like_the_other) {
    support::throwaway_postgres server("", servers::postgres18_binaries());
    server.restart(support::shutdown::kill);
    EXPECT_EQ(first_value(server.tls_url(), "SHOW server_version").substr(0, 3), "18.");
}

struct named_pooler {
    const char* name;
    const support::postgres_address& (*address)();

    friend std::ostream& operator<<(std::ostream& out, const named_pooler& pooler) { return out << pooler.name; }
};

class pooler : public testing::TestWithParam<named_pooler> {};

TEST_P(pooler, leads_to_every_database_in_every_way) {
    const support::postgres_address& here = GetParam().address();
    const database first;
    const database second;
    first.execute("CREATE TABLE here AS SELECT 7 AS id");
    for (const auto& url : {first.url(here), first.tcp_url(here), first.tls_url(here)})
        EXPECT_EQ(first_value(url, "SELECT id FROM here"), "7");
    EXPECT_EQ(first_value(second.url(here), "SELECT to_regclass('here')"), "");
}

TEST_P(pooler, database_that_was_used_through_it_can_be_emptied_for_the_next_test) {
    const support::postgres_address& here = GetParam().address();
    for (int i = 0; i < 3; ++i) {
        const database ours;
        EXPECT_EQ(first_value(ours.url(here), "SELECT to_regclass('left_over')"), "");
        ours.execute("CREATE TABLE left_over (id int)");
    }
}

INSTANTIATE_TEST_SUITE_P(servers, pooler,
                         testing::Values(named_pooler{"pgbouncer_session", servers::pgbouncer_session},
                                         named_pooler{"pgbouncer_transaction", servers::pgbouncer_transaction},
                                         named_pooler{"pgpool", servers::pgpool}),
                         [](const auto& information) { return std::string(information.param.name); });

} // namespace
} // namespace wharf::test
