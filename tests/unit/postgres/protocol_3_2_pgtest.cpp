// Version 3.2 of the protocol against servers that know it, and one that does not.
#include "connected.hpp"
#include "support/servers.hpp"
#include "wharf/base/error.hpp"
#include "wharf/postgres/settings.hpp"

#include <chrono>

namespace wharf::postgres {
namespace {

settings asking_for_3_2(std::string url) {
    settings where = settings_from(database_url(std::move(url)));
    where.max_protocol_version = protocol_version::v3_2;
    return where;
}

TEST(protocol_3_2, postgres_18_speaks_it_and_its_long_key_cancels) {
    const test::database database(test::servers::postgres18());
    settings where = asking_for_3_2(database.url());
    where.min_protocol_version = protocol_version::v3_2;
    const auto connection = connect(where);
    execute(*connection, "SET application_name = 'to be cancelled'");
    statement_run sleep("SELECT pg_sleep(600)");
    EXPECT_THROW(io::run(connection->run(std::span(&sleep.as_item(), 1)), call_options(std::chrono::milliseconds(200))),
                 timed_out);
    io::run(connection->close(), call_options(std::chrono::seconds(20))); // cancels what runs
    const auto other = connect(where);
    bool gone = false;
    for (int i = 0; i < 2000 && !gone; ++i)
        gone = query<std::int64_t>(*other, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                                           "application_name = 'to be cancelled'")
                   .one() == 0;
    EXPECT_TRUE(gone);
}

TEST(protocol_3_2, postgres_15_makes_do_with_3_0_unless_a_minimum_forbids_it) {
    const test::database database;
    settings where = asking_for_3_2(database.url());
    EXPECT_EQ(query<int>(*connect(where), "SELECT 7").one(), 7);
    where.min_protocol_version = protocol_version::v3_2;
    try {
        (void)connect(where);
        ADD_FAILURE() << "connected";
    } catch (const connect_failed& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("min_protocol_version"));
    }
}

} // namespace
} // namespace wharf::postgres
