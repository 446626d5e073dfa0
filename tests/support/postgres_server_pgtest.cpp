#include "support/first_value.hpp"
#include "support/postgres_server.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <string>

namespace wharf::test {
namespace {

TEST(database, two_of_them_share_nothing) {
    const database first;
    const database second;
    first.execute("CREATE TABLE here (id int); INSERT INTO here VALUES (7)");
    EXPECT_EQ(first.value("SELECT id FROM here"), "7");
    EXPECT_EQ(second.value("SELECT to_regclass('here')"), "");
    EXPECT_EQ(first.connections(), 0);
}

TEST(database, every_url_reaches_it_in_its_own_way) {
    const database ours;
    const auto how = "SELECT coalesce(host(inet_client_addr()), 'unix') || ' ' || ssl FROM pg_stat_ssl "
                     "WHERE pid = pg_backend_pid()";
    EXPECT_EQ(first_value(ours.url(), how), "unix false");
    EXPECT_EQ(first_value(ours.tcp_url(), how), "127.0.0.1 false");
    EXPECT_EQ(first_value(ours.tls_url(), how), "127.0.0.1 true");
}

TEST(database, left_full_and_in_use_is_empty_for_the_next_one) {
    PGconn* connection = nullptr;
    std::string name;
    {
        const database ours;
        name = ours.name();
        ours.execute("CREATE SCHEMA other; CREATE TABLE other.full (id int); CREATE TABLE full_too (id int)");
        ours.execute("BEGIN; INSERT INTO full_too VALUES (1); PREPARE TRANSACTION 'left'");
        connection = ::PQconnectdb(ours.url().c_str());
        EXPECT_EQ(ours.connections(), 1);
    }
    database next;
    if (next.name() == name) { // else a test that runs beside this one was quicker
        EXPECT_EQ(next.connections(), 0);
        EXPECT_EQ(
            next.value("SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"),
            "0");
    }
    ::PQfinish(connection);
}

TEST(throwaway_postgres, restarted_in_every_way_keeps_data_and_address) {
    support::throwaway_postgres server{"log_connections = on"};
    const auto url = server.socket_url();
    EXPECT_EQ(first_value(url, "CREATE TABLE kept AS SELECT 42 AS id; CHECKPOINT; SELECT id FROM kept"), "42");
    for (const auto how : {support::shutdown::fast, support::shutdown::immediate, support::shutdown::kill}) {
        server.stop(how);
        EXPECT_NE(first_value(url, "SELECT 1"), "1");
        server.start();
        EXPECT_EQ(first_value(url, "SELECT id FROM kept"), "42");
    }
    EXPECT_EQ(first_value(url, "SHOW log_connections"), "on");
}

TEST(throwaway_postgres, destroyed_leaves_nothing) {
    std::string directory;
    {
        const support::throwaway_postgres server;
        directory = server.address().socket_directory;
        EXPECT_TRUE(std::filesystem::exists(directory));
    }
    EXPECT_FALSE(std::filesystem::exists(directory));
}

} // namespace
} // namespace wharf::test
