// target_session_attrs against a primary, the server of the test run, and a hot standby.
#include "connected.hpp"

#include "support/throwaway_postgres/throwaway_postgres.hpp"
#include "wharf/base/error.hpp"

#include <fstream>

namespace wharf::postgres {
namespace {

using testing::AllOf;
using testing::HasSubstr;

server_address socket_of(const support::postgres_address& server) {
    return {server.socket_directory, static_cast<std::uint16_t>(std::stoi(server.port))};
}

// One test, since a server takes its time to start.
TEST(target_session, each_kind_leads_to_a_server_that_has_it) {
    support::throwaway_postgres standby_server;
    standby_server.stop();
    std::ofstream(standby_server.address().socket_directory + "/data/standby.signal") << "";
    standby_server.start();

    const server_address primary = socket_of(test::postgres_server());
    const server_address standby = socket_of(standby_server.address());
    const server_address dead{"/nonexistent", 5432};
    const auto where = [](session_target target, std::vector<server_address> servers) {
        settings made;
        made.servers = std::move(servers);
        made.user = "wharf";
        made.database = "wharf_test";
        made.target_session_attrs = target;
        return made;
    };
    const auto reached = [](const settings& to) -> std::string {
        try {
            const auto made = connect(to);
            const bool in_recovery = query<bool>(*made, "SELECT pg_is_in_recovery()").one();
            io::run(made->close(), call_options(std::chrono::seconds(20)));
            return in_recovery ? "standby" : "primary";
        } catch (const connect_failed& failed) {
            return failed.what();
        }
    };

    EXPECT_EQ(reached(where(session_target::any, {standby, primary})), "standby");
    EXPECT_EQ(reached(where(session_target::any, {primary, standby})), "primary");
    EXPECT_EQ(reached(where(session_target::read_write, {standby, primary})), "primary");
    EXPECT_EQ(reached(where(session_target::read_only, {primary, standby})), "standby");
    EXPECT_EQ(reached(where(session_target::primary, {standby, primary})), "primary");
    EXPECT_EQ(reached(where(session_target::standby, {primary, dead, standby})), "standby");
    EXPECT_EQ(reached(where(session_target::prefer_standby, {primary, standby})), "standby");
    EXPECT_EQ(reached(where(session_target::prefer_standby, {dead, primary})), "primary");

    EXPECT_THAT(reached(where(session_target::primary, {dead, standby})),
                AllOf(HasSubstr("/nonexistent"), HasSubstr("the server is a standby")));
    EXPECT_THAT(reached(where(session_target::read_write, {standby})), HasSubstr("the session is read-only"));
    EXPECT_THAT(reached(where(session_target::standby, {primary})), HasSubstr("the server is not a standby"));
    EXPECT_THAT(reached(where(session_target::prefer_standby, {dead})), HasSubstr("/nonexistent"));

    settings cautious = where(session_target::read_write, {primary});
    cautious.options = "-c default_transaction_read_only=on";
    EXPECT_THAT(reached(cautious), HasSubstr("the session is read-only"));
    cautious.target_session_attrs = session_target::read_only;
    EXPECT_EQ(reached(cautious), "primary");

    const std::string text = "host=" + standby.host + ',' + primary.host + " port=" + std::to_string(standby.port) +
                             ',' + std::to_string(primary.port) + " user=wharf dbname=wharf_test";
    EXPECT_EQ(reached(settings_from(text)), "standby");
    EXPECT_EQ(reached(settings_from(text + " target_session_attrs=primary")), "primary");
}

} // namespace
} // namespace wharf::postgres
