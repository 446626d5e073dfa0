// What comes as text is the same whatever a role has set, and stays UTF-8.
#include "connected.hpp"
#include "kinds_of_server.hpp"

#include "wharf/base/database_error.hpp"

namespace wharf::postgres {
namespace {

class text_form_pgtest : public each_server {
protected:
    text_form_pgtest() {
        database_.execute("ALTER DATABASE " + database_.name() + " SET DateStyle = 'German'");
        database_.execute("ALTER DATABASE " + database_.name() + " SET IntervalStyle = 'sql_standard'");
        database_.execute("ALTER DATABASE " + database_.name() + " SET bytea_output = 'escape'");
        database_.execute("ALTER DATABASE " + database_.name() + " SET extra_float_digits = -5");
        database_.execute("ALTER DATABASE " + database_.name() + " SET client_encoding = 'LATIN1'");
    }
};

TEST_P(text_form_pgtest, script_reads_what_a_query_reads) {
    const auto fresh = another();
    const auto outcome = io::run(fresh->run_script("SELECT date '2024-02-01', 0.1::float8 + 0.2, '\\x00ff5c41'::bytea, "
                                                   "'1 year 2 days 3:04:05'::interval, 'h\u00e9'",
                                                   {}),
                                 call_options(std::chrono::seconds(20)));
    ASSERT_EQ(outcome.error, nullptr);
    const result& found = outcome.results.back().found();
    const auto [day, number, bytes, span, text] =
        rows<std::chrono::sys_days, double, std::vector<std::byte>, interval, std::string>(found).one();
    EXPECT_EQ(day, std::chrono::sys_days(std::chrono::year(2024) / 2 / 1));
    const auto pooler = GetParam().pooler;
    // PgBouncer takes DateStyle and client_encoding; the other forms are told apart, but what the server has rounded.
    if (pooler == test::servers::pgbouncer_transaction || pooler == test::servers::pgbouncer_session)
        EXPECT_DOUBLE_EQ(number, 0.3);
    else
        EXPECT_EQ(number, 0.1 + 0.2);
    EXPECT_EQ(text, "h\u00e9");
    EXPECT_EQ(bytes, (std::vector{std::byte{0}, std::byte{0xff}, std::byte{0x5c}, std::byte{0x41}}));
    EXPECT_EQ(to_string(span), "1 year 2 days 03:04:05");
}

INSTANTIATE_TEST_SUITE_P(servers, text_form_pgtest,
                         testing::Values(postgres15, postgres18, pgbouncer_session, pgbouncer_transaction, pgpool),
                         name_of_kind);

class login_settings_pgtest : public connected_pgtest {
protected:
    [[nodiscard]] std::string setting(driver& on, const std::string& name) {
        return query<std::string>(on, "SELECT current_setting('" + name + "')").one();
    }
};

TEST_F(login_settings_pgtest, cost_no_round_trip_and_outlive_a_reset) {
    EXPECT_EQ(connection_->counters().round_trips, 0U);
    EXPECT_EQ(setting(*connection_, "IntervalStyle"), "postgres");
    batch_item changed = utility("SET IntervalStyle = 'iso_8601'");
    run(*connection_, std::span(&changed, 1));
    connection_->reset_before_next();
    EXPECT_EQ(setting(*connection_, "IntervalStyle"), "postgres");
}

TEST_F(login_settings_pgtest, give_way_to_what_the_program_sets) {
    settings where = socket_settings(database_);
    where.parameters = {{"datestyle", "SQL, DMY"}};
    where.options = "-c intervalstyle=iso_8601";
    const auto other = connect(where);
    EXPECT_EQ(setting(*other, "DateStyle"), "SQL, DMY");
    EXPECT_EQ(setting(*other, "IntervalStyle"), "iso_8601");
    EXPECT_EQ(setting(*other, "bytea_output"), "hex");
}

TEST_F(login_settings_pgtest, encoding_that_a_statement_changes_costs_the_connection_and_is_no_doubt_of_a_commit) {
    execute(*connection_, "CREATE TABLE t(n int4)");
    for (const std::string_view change : {"SET client_encoding = 'LATIN1'", "SET NAMES 'LATIN1'"}) {
        const auto connection = connect(socket_settings(database_));
        std::vector<batch_item> items{utility("INSERT INTO t VALUES (1)"), utility(change)};
        try {
            run(*connection, items);
            ADD_FAILURE() << "the encoding was changed";
        } catch (const usage_error& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr("LATIN1"));
        }
        EXPECT_FALSE(connection->usable());
    }
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "2") << "what was committed stays";
    batch_item same = utility("SET client_encoding = 'UTF8'");
    run(*connection_, std::span(&same, 1));
    EXPECT_TRUE(connection_->usable());
}

TEST_F(login_settings_pgtest, encoding_that_a_script_changes_is_told_like_this_too) {
    EXPECT_THROW((void)io::run(connection_->run_script("SET client_encoding = 'LATIN1'", {})), usage_error);
    EXPECT_FALSE(connection_->usable());
}

} // namespace
} // namespace wharf::postgres
