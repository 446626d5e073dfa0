// TLS and login against PostgreSQL 15 and 18, one user for each way in.
#include "connected.hpp"

#include "postgres/connect.hpp"
#include "support/servers.hpp"
#include "unit/io/certificates.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/task.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <filesystem>

namespace wharf::postgres {
namespace {

using testing::HasSubstr;

const support::postgres_address& server_of(int version) {
    return version == 18 ? test::servers::postgres18() : test::postgres_server();
}

class security_pgtest : public testing::TestWithParam<int> {
protected:
    ~security_pgtest() override {
        for (const auto& file : files_)
            std::filesystem::remove(file);
    }
    // Over TLS, with the server verified, and with the password.
    [[nodiscard]] settings as(std::string user) const {
        settings where;
        where.servers = {{"127.0.0.1", static_cast<std::uint16_t>(std::stoi(server_.port))}};
        where.user = std::move(user);
        where.password = server_.password;
        where.database = database_.name();
        where.sslmode = ssl_mode::verify_full;
        where.root_certificate = server_.ca_path;
        return where;
    }
    [[nodiscard]] settings without_tls(std::string user) const {
        settings where = as(std::move(user));
        where.sslmode = ssl_mode::disable;
        return where;
    }
    // The name under which `where` comes in, and whether over TLS; or why it does not.
    static std::string entry(settings where) {
        try {
            const auto connection = connect(std::move(where));
            const auto tls = query<bool>(*connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").one();
            return query<std::string>(*connection, "SELECT current_user").one() + (tls ? " over TLS" : "");
        } catch (const authentication_failed& refused) {
            return refused.what();
        }
    }
    std::string kept(std::string file) {
        files_.push_back(file);
        return file;
    }
    // A certificate in the user's name, signed by the authority that the server trusts.
    void show_certificate(settings& where, const std::string& name, std::string key_password = {}) {
        const std::string key = server_.ca_path.substr(0, server_.ca_path.rfind('.')) + ".key";
        const io::test::authority from(server_.ca_path, key);
        const auto made = from.issue({.common_name = name});
        where.certificate = kept(io::test::write_certificate(made));
        where.certificate_key = kept(io::test::write_key(made, key_password));
        if (!key_password.empty()) where.certificate_key_password = key_password;
    }

    const support::postgres_address& server_ = server_of(GetParam());
    test::database database_{server_};
    std::vector<std::string> files_;
};

TEST_P(security_pgtest, certificate_of_the_user_is_a_login) {
    settings where = as("by_certificate");
    where.password.reset();
    EXPECT_THAT(entry(where), HasSubstr("certificate"));
    show_certificate(where, "by_certificate");
    EXPECT_EQ(entry(where), "by_certificate over TLS");
    where.certificate_mode = ssl_certificate_mode::require;
    where.require_auth = "none";
    EXPECT_EQ(entry(where), "by_certificate over TLS");
    where.require_auth = "!none";
    EXPECT_THAT(entry(where), HasSubstr("require_auth"));
    where.require_auth.clear();
    where.certificate_mode = ssl_certificate_mode::disable;
    EXPECT_THAT(entry(where), HasSubstr("certificate"));
}

TEST_P(security_pgtest, certificate_of_another_user_is_none) {
    settings where = as("by_certificate");
    show_certificate(where, "somebody");
    EXPECT_THAT(entry(where), HasSubstr("refused the login"));
}

TEST_P(security_pgtest, certificate_and_password_are_both_needed_where_both_are_asked_for) {
    settings where = as("by_both");
    EXPECT_THAT(entry(where), HasSubstr("certificate"));
    show_certificate(where, "by_both", "open sesame");
    EXPECT_EQ(entry(where), "by_both over TLS");
    where.password = "wrong";
    EXPECT_THAT(entry(where), HasSubstr("28P01"));
}

TEST_P(security_pgtest, certificate_required_needs_one_and_tls) {
    settings where = without_tls("trusted");
    where.certificate_mode = ssl_certificate_mode::require;
    EXPECT_THAT(entry(where), HasSubstr("not encrypted"));
    where.sslmode = ssl_mode::verify_full;
    EXPECT_THROW((void)entry(where), configuration_error);
    show_certificate(where, "trusted");
    EXPECT_EQ(entry(where), "trusted over TLS");
}

TEST_P(security_pgtest, scram_is_bound_to_the_channel_where_there_is_one) {
    settings where = as(server_.user);
    where.channel_binding = channel_binding_mode::require;
    where.require_auth = "scram-sha-256";
    EXPECT_EQ(entry(where), server_.user + " over TLS");
    where.channel_binding = channel_binding_mode::disable;
    EXPECT_EQ(entry(where), server_.user + " over TLS");
    where = without_tls(server_.user);
    EXPECT_EQ(entry(where), server_.user);
    where.channel_binding = channel_binding_mode::require;
    EXPECT_THAT(entry(where), HasSubstr("channel_binding=require"));
}

TEST_P(security_pgtest, channel_binding_required_holds_against_every_other_login) {
    for (const char* user : {"trusted", "cleartext", "by_md5"}) {
        settings where = as(user);
        EXPECT_EQ(entry(where), std::string(user) + " over TLS");
        where.channel_binding = channel_binding_mode::require;
        EXPECT_THAT(entry(where), HasSubstr("channel_binding=require")) << user;
    }
    settings where = as("by_certificate");
    show_certificate(where, "by_certificate");
    where.channel_binding = channel_binding_mode::require;
    EXPECT_THAT(entry(where), HasSubstr("channel_binding=require"));
}

TEST_P(security_pgtest, require_auth_holds_against_what_it_does_not_list) {
    const std::vector<std::pair<std::string, std::string>> ways{
        {"trusted", "none"}, {"cleartext", "password"}, {"by_md5", "md5"}, {server_.user, "scram-sha-256"}};
    for (const auto& [user, method] : ways) {
        settings where = as(user);
        for (const auto& [other, listed] : ways) {
            where.require_auth = listed;
            const std::string way = user == other ? user + " over TLS" : "require_auth";
            EXPECT_THAT(entry(where), HasSubstr(way)) << user << ' ' << listed;
        }
        where.require_auth = "!" + method;
        EXPECT_THAT(entry(where), HasSubstr("require_auth")) << user;
    }
}

TEST_P(security_pgtest, md5_password_goes_to_a_local_server_also_without_tls) {
    EXPECT_EQ(entry(without_tls("by_md5")), "by_md5");
    settings where = without_tls("by_md5");
    where.password = "wrong";
    EXPECT_THAT(entry(where), HasSubstr("28P01"));
    where = without_tls("by_md5");
    where.servers[0].host = "0.0.0.0"; // the same server, under an address that is not local by its look
    EXPECT_THAT(entry(where), HasSubstr("md5"));
    where.require_auth = "md5";
    EXPECT_EQ(entry(where), "by_md5");
}

TEST_P(security_pgtest, gssapi_is_refused_by_its_name) {
    EXPECT_THAT(entry(without_tls("by_gss")), testing::AllOf(HasSubstr("GSSAPI"), HasSubstr("does not support")));
}

TEST_P(security_pgtest, prefer_goes_without_tls_where_the_server_lets_in_only_so) {
    settings where = as("plain_only");
    EXPECT_THAT(entry(where), HasSubstr("28000"));
    where.sslmode = ssl_mode::prefer;
    EXPECT_EQ(entry(where), "plain_only");
    where.user = "tls_only";
    EXPECT_EQ(entry(where), "tls_only over TLS");
    where.user = "nobody at all";
    EXPECT_THAT(entry(where), HasSubstr("28P01"));
}

TEST_P(security_pgtest, allow_takes_tls_where_the_server_lets_in_only_so) {
    settings where = as("tls_only");
    where.root_certificate.clear();
    where.sslmode = ssl_mode::allow;
    EXPECT_EQ(entry(where), "tls_only over TLS");
    where.user = "plain_only";
    EXPECT_EQ(entry(where), "plain_only");
    where.user = "by_certificate";
    EXPECT_THAT(entry(where), testing::AllOf(HasSubstr("28000"), HasSubstr("; with TLS: ")));
}

TEST_P(security_pgtest, direct_tls_is_for_servers_that_know_it) {
    settings where = as(server_.user);
    where.sslnegotiation = ssl_negotiation::direct;
    where.connect_timeout = std::chrono::seconds(10);
    if (GetParam() >= 17)
        EXPECT_EQ(entry(where), server_.user + " over TLS");
    else
        EXPECT_THROW((void)entry(where), connect_failed);
}

TEST_P(security_pgtest, version_of_tls_is_within_its_bounds) {
    const auto version = [&](const char* least, const char* greatest) {
        settings where = as(server_.user);
        where.minimum_tls_version = least;
        where.maximum_tls_version = greatest;
        return query<std::string>(*connect(where), "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            .one();
    };
    EXPECT_EQ(version("TLSv1.2", "TLSv1.2"), "TLSv1.2");
    EXPECT_EQ(version("TLSv1.2", ""), "TLSv1.3");
    EXPECT_EQ(version("TLSv1.3", "TLSv1.3"), "TLSv1.3");
}

// How often a connection is made by way of `to` before it asks for something that may block.
int offloads_of_connecting(connector& to) {
    struct : io::surroundings {
        std::shared_ptr<io::parking_spot> make_spot() override { return nullptr; }
    } around;
    io::outcome<std::unique_ptr<driver>> made;
    io::task runner(around);
    to.connect().start_on(runner, made);
    int offloads = 0;
    while (!runner.pump()) {
        io::request& what = runner.pending();
        if (what.what == io::request::kind::offload) {
            what.work->run();
            ++offloads;
        } else if (what.what == io::request::kind::wait) {
            pollfd entry{what.target->native(), POLLIN, 0};
            if (what.want == io::interest::write) entry.events = POLLOUT;
            if (what.want == io::interest::either) entry.events = POLLIN | POLLOUT;
            ::poll(&entry, 1, 20'000);
        }
        runner.answer(io::wake::ready);
    }
    EXPECT_TRUE(made.take()->usable());
    return offloads;
}

TEST_P(security_pgtest, key_is_derived_off_the_loop_and_once_for_all_connections_of_a_pool) {
    const auto trusted = make_connector(without_tls("trusted"));
    const int other_work = offloads_of_connecting(*trusted);
    const auto scram = make_connector(without_tls(server_.user));
    EXPECT_EQ(offloads_of_connecting(*scram), other_work + 1);
    EXPECT_EQ(offloads_of_connecting(*scram), other_work);
    database_.execute("ALTER ROLE tls_only PASSWORD '" + server_.password + "'"); // a new salt
    const auto other = make_connector(as("tls_only"));
    const int first = offloads_of_connecting(*other);
    EXPECT_EQ(offloads_of_connecting(*other), first - 1);
    database_.execute("ALTER ROLE tls_only PASSWORD '" + server_.password + "'");
    EXPECT_EQ(offloads_of_connecting(*other), first);
}

TEST_P(security_pgtest, password_beyond_ascii_is_prepared_as_the_server_has_prepared_it) {
    const std::vector<std::string> passwords{
        "\xef\xac\x81 \xc2\xbd \xe2\x84\xa2",   // a ligature, a fraction and a trade mark, which become letters
        "e\xcc\x81t\xc3\xa9",                   // the same letter, composed and not
        "pass\xc2\xa0word\xc2\xad",             // a space that does not break, and a hyphen that is not seen
        "\xea\xb0\x80\xe1\x84\x80\xe1\x85\xa1", // a Hangul syllable, composed and not
        "\xd7\x90 latin",                       // both directions of writing: used as it is
        "\xf0\x9f\x94\x91"};                    // younger than Unicode 3.2: used as it is
    database_.execute("DROP ROLE IF EXISTS beyond_ascii; CREATE ROLE beyond_ascii LOGIN");
    for (const std::string& password : passwords) {
        database_.execute("ALTER ROLE beyond_ascii PASSWORD '" + password + "'");
        settings where = as("beyond_ascii");
        where.password = password;
        EXPECT_EQ(entry(where), "beyond_ascii over TLS") << password;
    }
    database_.execute("ALTER ROLE beyond_ascii PASSWORD '\xef\xac\x81'");
    settings where = as("beyond_ascii");
    where.password = "fi";
    EXPECT_EQ(entry(where), "beyond_ascii over TLS");
    database_.execute("DROP ROLE beyond_ascii");
}

INSTANTIATE_TEST_SUITE_P(postgres, security_pgtest, testing::Values(15, 18), testing::PrintToStringParamName());

} // namespace
} // namespace wharf::postgres
