// Connecting as a connection string and the files around it say.
#include "connected.hpp"

#include "postgres/connect.hpp"
#include "support/temporary_directory.hpp"
#include "wharf/base/error.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <fstream>

namespace wharf::postgres {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class connecting_pgtest : public testing::Test {
protected:
    template <class Error>
    std::string refusal(const settings& where) {
        try {
            (void)connect(where);
        } catch (const Error& refused) {
            return refused.what();
        }
        ADD_FAILURE() << "the connection was made";
        return {};
    }
    /// TCP without a password of its own, and a password file with this one.
    settings with_file(const std::string& password) {
        settings where = tcp_settings(database_);
        where.password.reset();
        where.password_file = directory_.path() / "pgpass";
        std::ofstream(where.password_file) << "127.0.0.1:*:" << database_.name() << ":*:" << password << '\n';
        ::chmod(where.password_file.c_str(), 0600);
        return where;
    }
    std::string keywords() {
        const auto& server = test::postgres_server();
        return "host=" + server.socket_directory + " port=" + server.port + " user=" + server.user +
               " dbname=" + database_.name();
    }

    test::database database_;
    test::temporary_directory directory_;
};

TEST_F(connecting_pgtest, keywords_and_values_lead_to_a_session_with_its_settings) {
    const auto made =
        connect(settings_from(keywords() + " application_name='my \\'shop\\'' options='-c work_mem=5MB'"));
    EXPECT_EQ(query<std::string>(*made, "SELECT current_database()").one(), database_.name());
    EXPECT_EQ(query<std::string>(*made, "SHOW application_name").one(), "my 'shop'");
    EXPECT_EQ(query<std::string>(*made, "SHOW work_mem").one(), "5MB");
}

TEST_F(connecting_pgtest, service_and_environment_lead_to_a_session) {
    const auto& server = test::postgres_server();
    std::ofstream(directory_.path() / ".pg_service.conf")
        << "[shop]\nhost=" << server.socket_directory << "\nport=" << server.port << "\nuser=" << server.user << '\n';
    environment around;
    around.home = directory_.path();
    around.variables = {{"PGDATABASE", database_.name()}, {"PGTZ", "Asia/Tokyo"}, {"PGDATESTYLE", "German, DMY"}};
    const auto made = connect(settings_from("postgresql:///?service=shop", around));
    EXPECT_EQ(query<std::string>(*made, "SELECT current_database()").one(), database_.name());
    EXPECT_EQ(query<std::string>(*made, "SHOW TimeZone").one(), "Asia/Tokyo");
    EXPECT_EQ(query<std::string>(*made, "SHOW DateStyle").one(), "German, DMY");
}

TEST_F(connecting_pgtest, password_is_found_in_the_file) {
    const auto made = connect(with_file(test::postgres_server().password));
    EXPECT_EQ(query<int>(*made, "SELECT 1").one(), 1);
}

TEST_F(connecting_pgtest, password_file_is_read_for_every_connection) {
    const settings where = with_file("wrong");
    const auto to = make_connector(where);
    EXPECT_THROW((void)io::run(to->connect(), call_options(std::chrono::seconds(20))), authentication_failed);
    static_cast<void>(with_file(test::postgres_server().password));
    EXPECT_NO_THROW((void)io::run(to->connect(), call_options(std::chrono::seconds(20))));
}

TEST_F(connecting_pgtest, password_of_the_file_is_wrong__message_names_the_file) {
    const settings where = with_file("canary");
    EXPECT_THAT(refusal<authentication_failed>(where),
                AllOf(HasSubstr("28P01"), HasSubstr(where.password_file), Not(HasSubstr("canary"))));
}

TEST_F(connecting_pgtest, password_file_is_open_to_others__message_says_so) {
    const settings where = with_file(test::postgres_server().password);
    ::chmod(where.password_file.c_str(), 0640);
    EXPECT_THAT(refusal<authentication_failed>(where), AllOf(HasSubstr("none was given"), HasSubstr("0600")));
}

TEST_F(connecting_pgtest, password_that_is_given_goes_before_the_file) {
    settings where = with_file("wrong");
    where.password = test::postgres_server().password;
    EXPECT_NO_THROW((void)connect(where));
}

TEST_F(connecting_pgtest, server_on_a_socket_is_run_by_another_user__is_refused) {
    settings where = socket_settings(database_);
    struct stat status{};
    const std::string data = test::postgres_server().socket_directory + "/data";
    ASSERT_EQ(::stat(data.c_str(), &status), 0);
    where.required_peer = ::getpwuid(status.st_uid)->pw_name;
    EXPECT_NO_THROW((void)connect(where));
    where.required_peer = "nobody-else";
    EXPECT_THAT(refusal<authentication_failed>(where), HasSubstr("requirepeer"));
}

TEST_F(connecting_pgtest, address_is_given__name_is_not_looked_up_but_verified) {
    settings where = tls_settings(database_);
    where.servers[0].host = "localhost";
    where.servers[0].address = "127.0.0.1";
    EXPECT_TRUE(query<bool>(*connect(where), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").one());
    where.servers[0].host = "no-such-host.invalid";
    EXPECT_THAT(refusal<authentication_failed>(where), Not(HasSubstr("resolve")));
    where.sslmode = ssl_mode::verify_ca;
    EXPECT_NO_THROW((void)connect(where));
}

TEST_F(connecting_pgtest, tcp_settings_reach_the_socket) {
    const auto& server = test::postgres_server();
    const settings where = settings_from("host=127.0.0.1 sslmode=disable keepalives_idle=61 keepalives_interval=7 "
                                         "keepalives_count=5 tcp_user_timeout=4321 port=" +
                                         server.port);
    auto opened = io::run(open_stream(where, where.servers[0]), call_options(std::chrono::seconds(20)));
    const auto option = [&opened](int name) {
        int value = 0;
        socklen_t size = sizeof value;
        EXPECT_EQ(::getsockopt(opened.stream->handle().native(), IPPROTO_TCP, name, &value, &size), 0);
        return value;
    };
    EXPECT_EQ(option(TCP_KEEPIDLE), 61);
    EXPECT_EQ(option(TCP_KEEPINTVL), 7);
    EXPECT_EQ(option(TCP_KEEPCNT), 5);
    EXPECT_EQ(option(TCP_USER_TIMEOUT), 4321);
}

TEST_F(connecting_pgtest, hosts_are_balanced__each_is_reached) {
    settings where = tcp_settings(database_);
    where.servers.push_back(socket_settings(database_).servers[0]);
    where.load_balance_hosts = host_order::random;
    const auto to = make_connector(where);
    int over_tcp = 0;
    int over_socket = 0;
    for (int i = 0; i < 200 && (over_tcp == 0 || over_socket == 0); ++i) {
        const auto made = io::run(to->connect(), call_options(std::chrono::seconds(20)));
        const bool tcp = query<bool>(*made, "SELECT inet_client_addr() IS NOT NULL").one();
        ++(tcp ? over_tcp : over_socket);
    }
    EXPECT_GT(over_tcp, 0);
    EXPECT_GT(over_socket, 0);
}

} // namespace
} // namespace wharf::postgres
