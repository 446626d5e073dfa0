// Connecting and logging in: sockets, TCP, TLS, passwords.
#include "connected.hpp"

#include "wharf/base/error.hpp"

namespace wharf::postgres {
namespace {

using testing::HasSubstr;

class login_pgtest : public testing::Test {
protected:
    template <class Error>
    std::string refusal(settings where) {
        try {
            (void)connect(std::move(where));
        } catch (const Error& refused) {
            return refused.what();
        }
        ADD_FAILURE() << "the connection was made";
        return {};
    }
    static bool uses_tls(driver& connection) {
        return query<bool>(connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").one();
    }

    test::database database_;
};

TEST_F(login_pgtest, unix_socket_without_password) {
    const auto connection = connect(socket_settings(database_));
    EXPECT_EQ(query<std::string>(*connection, "SELECT current_database()").one(), database_.name());
    EXPECT_EQ(query<std::string>(*connection, "SHOW client_encoding").one(), "UTF8");
}

TEST_F(login_pgtest, tcp_with_scram) {
    const auto connection = connect(tcp_settings(database_));
    EXPECT_EQ(query<std::string>(*connection, "SELECT current_user").one(), test::postgres_server().user);
    EXPECT_FALSE(uses_tls(*connection));
}

TEST_F(login_pgtest, wrong_or_missing_password_is_refused_and_not_shown) {
    settings where = tcp_settings(database_);
    where.password = "hunter2";
    const std::string message = refusal<authentication_failed>(where);
    EXPECT_THAT(message, HasSubstr("28P01"));
    EXPECT_THAT(message, testing::Not(HasSubstr("hunter2")));
    where.password.reset();
    EXPECT_THAT(refusal<authentication_failed>(where), HasSubstr("none was given"));
}

TEST_F(login_pgtest, unknown_database_is_a_configuration_error) {
    settings where = tcp_settings(database_);
    where.database = "nowhere";
    EXPECT_THAT(refusal<configuration_error>(where), HasSubstr("nowhere"));
}

TEST_F(login_pgtest, settings_are_startup_parameters) {
    settings where = socket_settings(database_);
    where.application_name = "lookout";
    where.parameters = {{"TimeZone", "Asia/Tokyo"}, {"work_mem", "5MB"}};
    const auto connection = connect(where);
    EXPECT_EQ(query<std::string>(*connection, "SHOW application_name").one(), "lookout");
    EXPECT_EQ(query<std::string>(*connection, "SHOW TimeZone").one(), "Asia/Tokyo");
    EXPECT_EQ(query<std::string>(*connection, "SHOW work_mem").one(), "5MB");
    where.parameters = {{"no_such_setting", "1"}};
    EXPECT_THAT(refusal<configuration_error>(where), HasSubstr("no_such_setting"));
}

TEST_F(login_pgtest, next_server_is_tried_when_one_does_not_answer) {
    settings where = socket_settings(database_);
    where.servers.insert(where.servers.begin(), {"/nonexistent", 5432});
    EXPECT_EQ(query<int>(*connect(where), "SELECT 1").one(), 1);
    where.servers = {{"/nonexistent", 5432}, {"127.0.0.1", 1}};
    const std::string message = refusal<connect_failed>(where);
    EXPECT_THAT(message, HasSubstr("/nonexistent"));
    EXPECT_THAT(message, HasSubstr("127.0.0.1"));
}

TEST_F(login_pgtest, tls_with_the_server_verified) {
    const auto connection = connect(tls_settings(database_));
    EXPECT_TRUE(uses_tls(*connection));
    const auto found =
        query<std::int64_t, std::string>(*connection, "SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i");
    EXPECT_EQ(found.size(), 20'000U);
    io::run(connection->close(), call_options(std::chrono::seconds(20)));
    EXPECT_EQ(database_.connections(), 0);
}

TEST_F(login_pgtest, both_sides_writing_much_over_tls_do_not_wait_for_each_other) {
    const auto connection = connect(tls_settings(database_));
    const std::string large(std::size_t{1} << 20, 'z');
    statement_run runs[] = {statement_run("SELECT $1::text", large), statement_run("SELECT $1::text", large),
                            statement_run("SELECT $1::text", large), statement_run("SELECT $1::text", large),
                            statement_run("SELECT $1::text", large), statement_run("SELECT $1::text", large)};
    std::vector<batch_item> items;
    for (statement_run& each : runs)
        items.push_back(each.as_item());
    run(*connection, items);
    for (statement_run& each : runs)
        EXPECT_EQ(rows<std::string>(each.rows).one(), large);
}

TEST_F(login_pgtest, certificate_of_an_unknown_authority_is_refused) {
    settings where = tls_settings(database_);
    where.root_certificate = "system";
    refusal<authentication_failed>(where);
    where.sslmode = ssl_mode::verify_ca;
    refusal<configuration_error>(where);
}

TEST_F(login_pgtest, server_that_is_not_local_must_prove_who_it_is_unless_told_otherwise) {
    settings where = tls_settings(database_);
    where.sslmode.reset();
    where.root_certificate.clear();
    EXPECT_TRUE(uses_tls(*connect(where))) << "a local server: TLS without verification";
    where.servers[0].host = "0.0.0.0"; // the same server, under an address that is not local by its look
    refusal<authentication_failed>(where);
}

TEST_F(login_pgtest, certificate_of_another_host_is_refused_only_where_the_host_counts) {
    settings where = tls_settings(database_);
    where.servers[0].host = "0.0.0.0"; // the same server, under a name that its certificate does not have
    where.sslmode = ssl_mode::verify_ca;
    EXPECT_TRUE(uses_tls(*connect(where)));
    where.sslmode = ssl_mode::verify_full;
    refusal<authentication_failed>(where);
}

TEST_F(login_pgtest, unverified_tls_is_used_where_that_is_asked_for) {
    settings where = tls_settings(database_);
    where.root_certificate.clear();
    where.sslmode = ssl_mode::require;
    EXPECT_TRUE(uses_tls(*connect(where)));
    where.sslmode = ssl_mode::prefer;
    EXPECT_TRUE(uses_tls(*connect(where)));
}

TEST_F(login_pgtest, clear_text_password_goes_to_a_verified_server_and_to_no_other) {
    settings where = tls_settings(database_);
    where.user = "cleartext";
    EXPECT_EQ(query<std::string>(*connect(where), "SELECT current_user").one(), "cleartext");
    where.sslmode = ssl_mode::disable;
    EXPECT_THAT(refusal<authentication_failed>(where), HasSubstr("clear text"));
    where.require_auth = "password"; // the caller says that this local server is to have it
    EXPECT_EQ(query<std::string>(*connect(where), "SELECT current_user").one(), "cleartext");
    where.require_auth.clear();
    where.sslmode = ssl_mode::require;
    where.root_certificate.clear();
    EXPECT_THAT(refusal<authentication_failed>(where), HasSubstr("clear text"));
}

TEST_F(login_pgtest, role_that_needs_tls_is_refused_without_it) {
    settings where = tls_settings(database_);
    where.user = "tls_only";
    EXPECT_TRUE(uses_tls(*connect(where)));
    where.sslmode = ssl_mode::disable;
    refusal<authentication_failed>(where);
}

TEST_F(login_pgtest, url_leads_to_a_connection) {
    for (const std::string& url : {database_.url(), database_.tcp_url(), database_.tls_url()})
        EXPECT_EQ(query<int>(*connect(settings_from(url)), "SELECT 1").one(), 1) << url;
}

} // namespace
} // namespace wharf::postgres
