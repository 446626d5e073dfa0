#include "wharf/base/url.hpp"

#include "wharf/base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wharf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string refusal(std::string_view text) {
    try {
        const database_url url(text);
        return {};
    } catch (const configuration_error& error) {
        return error.what();
    }
}

TEST(database_url, postgres_with_everything_is_taken_apart) {
    const database_url url(
        "postgresql://bob:s%3Acret@db.example:6432/shop?sslmode=verify-full&application_name=my%20app");
    EXPECT_EQ(url.scheme(), "postgresql");
    EXPECT_EQ(url.user(), "bob");
    EXPECT_EQ(url.password(), "s:cret");
    EXPECT_THAT(url.hosts(), ElementsAre(database_host{"db.example", 6432}));
    EXPECT_EQ(url.database(), "shop");
    EXPECT_EQ(url.parameter("sslmode"), "verify-full");
    EXPECT_EQ(url.parameter("application_name"), "my app");
    EXPECT_EQ(url.parameter("options"), std::nullopt);
    EXPECT_EQ(url.description(), "postgresql://bob@db.example:6432/shop");
}

TEST(database_url, what_was_left_out_stays_empty) {
    const database_url url("postgres://");
    EXPECT_EQ(url.scheme(), "postgresql");
    EXPECT_TRUE(url.hosts().empty());
    EXPECT_EQ(url.user(), "");
    EXPECT_EQ(url.password(), std::nullopt);
    EXPECT_EQ(url.database(), "");
    EXPECT_EQ(database_url("postgresql://u:@h").password(), "");
}

TEST(database_url, defaults_are_those_of_libpq) {
    database_url url("postgresql://ann@/?port=5433");
    url.fill_defaults();
    EXPECT_EQ(url.database(), "ann");
    ASSERT_EQ(url.hosts().size(), 1U);
    EXPECT_EQ(url.hosts()[0].port, 5433);
    EXPECT_NE(url.hosts()[0].name, "");
    database_url bare("postgresql://");
    bare.fill_defaults();
    EXPECT_NE(bare.user(), "");
    EXPECT_EQ(bare.database(), bare.user());
    EXPECT_EQ(bare.hosts()[0].port, 5432);
}

TEST(database_url, hosts_may_be_several_addresses_and_sockets) {
    EXPECT_THAT(database_url("postgresql://[::1]:5433,b,c:1/d").hosts(),
                ElementsAre(database_host{"::1", 5433}, database_host{"b", 0}, database_host{"c", 1}));
    EXPECT_THAT(database_url("postgresql://%2Ftmp%2Fpg/d").hosts(), ElementsAre(database_host{"/tmp/pg", 0}));
    EXPECT_TRUE(database_url("postgresql://%2Ftmp%2Fpg/d").hosts()[0].is_unix_socket());
    EXPECT_THAT(database_url("postgresql:///d?host=/tmp/pg&port=99").hosts(),
                ElementsAre(database_host{"/tmp/pg", 99}));
    EXPECT_THAT(database_url("postgresql:///d?host=a,b&port=1,2").hosts(),
                ElementsAre(database_host{"a", 1}, database_host{"b", 2}));
    EXPECT_THAT(database_url("postgresql:///d?host=a,b&port=7").hosts(),
                ElementsAre(database_host{"a", 7}, database_host{"b", 7}));
    EXPECT_EQ(database_url("postgresql://[::1]:5433,b/d").description(), "postgresql://[::1]:5433,b/d");
}

TEST(database_url, parameters_overrule_what_precedes_them) {
    const database_url url("postgresql://a:b@h:1/d?user=c&password=e&dbname=f&host=i&ssl=true");
    EXPECT_EQ(url.user(), "c");
    EXPECT_EQ(url.password(), "e");
    EXPECT_EQ(url.database(), "f");
    EXPECT_THAT(url.hosts(), ElementsAre(database_host{"i", 1}));
    EXPECT_EQ(url.parameter("password"), std::nullopt);
    EXPECT_EQ(url.parameter("sslmode"), "require");
}

TEST(database_url, password_may_contain_question_mark_and_comma) {
    EXPECT_EQ(database_url("postgresql://u:a?b,c:d@h").password(), "a?b,c:d");
    EXPECT_EQ(database_url("postgresql://u:%40%2f%25@h").password(), "@/%");
}

TEST(database_url, sqlite_is_spelled_as_in_sqlalchemy) {
    EXPECT_EQ(database_url("sqlite:///a/b.db").database(), "a/b.db");
    EXPECT_EQ(database_url("sqlite:////var/lib/x%20y.db").database(), "/var/lib/x y.db");
    EXPECT_EQ(database_url("sqlite://").database(), "");
    EXPECT_EQ(database_url("sqlite:///:memory:").database(), "");
    EXPECT_EQ(database_url("sqlite:///a?busy_timeout=100&mode=ro").parameter("busy_timeout"), "100");
    EXPECT_EQ(database_url("sqlite:////v/x.db?mode=ro").description(), "sqlite:////v/x.db");
    EXPECT_EQ(database_url("sqlite://").description(), "sqlite://");
    EXPECT_THAT(refusal("sqlite://file.db"), HasSubstr("sqlite:///relative"));
    EXPECT_THAT(refusal("sqlite:///a?sslmode=require"), HasSubstr("unknown parameter \"sslmode\""));
}

TEST(database_url, unknown_scheme_keeps_nothing_but_its_name) {
    const database_url url("mysql://root:secret@host/db");
    EXPECT_EQ(url.scheme(), "mysql");
    EXPECT_EQ(url.description(), "mysql://");
}

TEST(database_url, errors_say_what_and_where) {
    EXPECT_THAT(refusal(""), HasSubstr("no scheme"));
    EXPECT_THAT(refusal("host=localhost dbname=x"), HasSubstr("no scheme"));
    EXPECT_THAT(refusal("postgresql://h:99999/d"), HasSubstr("no number from 1 to 65535"));
    EXPECT_THAT(refusal("postgresql://h:99999/d"), HasSubstr("at character 16"));
    EXPECT_THAT(refusal("postgresql://h/d%2"), HasSubstr("at character 17"));
    EXPECT_THAT(refusal("postgresql://h/d?sslmod=require"), HasSubstr("unknown parameter \"sslmod\""));
    EXPECT_THAT(refusal("postgresql://h/d?sslmode=on"), HasSubstr("verify-full"));
    EXPECT_THAT(refusal("postgresql://h/d?connect_timeout=soon"), HasSubstr("connect_timeout"));
    EXPECT_THAT(refusal("postgresql://[::1/d"), HasSubstr("closing"));
    EXPECT_THAT(refusal("postgresql:///d?host=a,b&port=1,2,3"), HasSubstr("2 hosts and 3 ports"));
    EXPECT_THAT(refusal("postgresql://h\n/d"), HasSubstr("control character"));
}

// 200 and more ways to get a URL wrong around a password: whatever happens, nobody sees it.
TEST(database_url, password_of_a_malformed_url_appears_nowhere) {
    const std::string canary = "CaNaRy7";
    const std::vector<std::string> around{"*",   "*%",  "*%0", "*%zz", "*%00",  "%*",  "@*",    "*@",  "*@*",
                                          "/*",  "*/",  "a/*", "*/a@", "1/*",   "*:*", ":*",    "*:",  "*?",
                                          "?*",  "*#",  "#*",  "*[",   "[*",    "[*]", "*]",    "*,*", ",*",
                                          "*&*", "*=*", "* *", "*\n",  "*\x7f", "*%2", "5432/*"};
    const std::vector<std::string> shapes{"postgresql://user:$@host/db",
                                          "postgresql://user:$@host:port/db",
                                          "postgresql://user:$@[::1/db",
                                          "postgresql://user:$@host/db?sslmode=nope",
                                          "postgresql://user:$@host/db?x",
                                          "postgresql://user:$@host/db%",
                                          "postgresql://:$@/",
                                          "postgresql:user:$@host",
                                          "user:$@host",
                                          "postgresql://host/db?password=$",
                                          "postgresql://host/db?pasword=$",
                                          "postgresql://host/db?password=$&port=x",
                                          "sqlite://user:$@host/db",
                                          "mysql://user:$@host/db",
                                          "postgre$sql://u:$@h/d"};
    int malformed = 0;
    for (const auto& shape : shapes) {
        for (const auto& pattern : around) {
            std::string password;
            for (const char c : pattern)
                c == '*' ? password.append(canary) : password.append(1, c);
            std::string text;
            for (const char c : shape)
                c == '$' ? text.append(password) : text.append(1, c);
            try {
                const database_url url(text);
                EXPECT_THAT(url.description(), Not(HasSubstr(canary))) << text;
            } catch (const configuration_error& error) {
                ++malformed;
                EXPECT_THAT(error.what(), Not(HasSubstr(canary))) << text;
            }
        }
    }
    EXPECT_GE(malformed, 200);
}

} // namespace
} // namespace wharf
