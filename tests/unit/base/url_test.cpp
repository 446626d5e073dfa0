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
    EXPECT_EQ(database_url("postgresql://u:@h").password(), std::nullopt);
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
    EXPECT_THAT(database_url("postgresql://a%2Cb:1,c/d?port=7").hosts(),
                ElementsAre(database_host{"a", 7}, database_host{"b", 7}, database_host{"c", 7}));
    EXPECT_THAT(database_url("postgresql://[fe80::1%25eth0]/").hosts(), ElementsAre(database_host{"fe80::1%eth0", 0}));
}

TEST(database_url, host_may_have_an_address_that_is_not_looked_up) {
    EXPECT_THAT(database_url("host=a,b hostaddr=10.0.0.1,::1 port=7").hosts(),
                ElementsAre(database_host{"a", 7, "10.0.0.1"}, database_host{"b", 7, "::1"}));
    EXPECT_THAT(database_url("hostaddr=10.0.0.1").hosts(), ElementsAre(database_host{"", 0, "10.0.0.1"}));
    EXPECT_FALSE(database_url("host=/run hostaddr=10.0.0.1").hosts()[0].is_unix_socket());
    EXPECT_EQ(database_url("hostaddr=::1 port=7").description(), "postgresql://[::1]:7");
    EXPECT_THAT(refusal("host=a,b hostaddr=10.0.0.1"), HasSubstr("2 hosts and 1 host addresses"));
}

TEST(database_url, socket_may_be_in_the_abstract_namespace) {
    const database_url url("postgresql://%40name/d");
    EXPECT_THAT(url.hosts(), ElementsAre(database_host{"@name", 0}));
    EXPECT_TRUE(url.hosts()[0].is_unix_socket());
    EXPECT_TRUE(database_url("host=@name").hosts()[0].is_unix_socket());
}

TEST(database_url, keywords_and_values_are_read_with_quotes_and_backslashes) {
    const database_url url("host=a port = 5433\n dbname='x \\'y\\\\' user=b\\ c password='' application_name=");
    EXPECT_EQ(url.scheme(), "postgresql");
    EXPECT_THAT(url.hosts(), ElementsAre(database_host{"a", 5433}));
    EXPECT_EQ(url.database(), "x 'y\\");
    EXPECT_EQ(url.user(), "b c");
    EXPECT_EQ(url.password(), "");
    EXPECT_EQ(url.parameter("application_name"), "");
    EXPECT_EQ(url.description(), "postgresql://b%20c@a:5433/x%20%27y%5C");
    EXPECT_EQ(database_url("options='-c a=b' host='h'user=u").user(), "u");
    EXPECT_EQ(database_url("host=h options=http://x").parameter("options"), "http://x");
}

TEST(database_url, last_of_two_values_counts) {
    EXPECT_EQ(database_url("dbname=a dbname=b").database(), "b");
    EXPECT_EQ(database_url("postgresql:///a?dbname=b&dbname=c").database(), "c");
    EXPECT_EQ(database_url("requiressl=1 sslmode=disable").parameter("sslmode"), "disable");
    EXPECT_EQ(database_url("sslmode=disable requiressl=1").parameter("sslmode"), "require");
    EXPECT_EQ(database_url("postgresql:///?requiressl=0").parameter("sslmode"), "prefer");
}

TEST(database_url, database_may_be_named_like_an_assignment_but_not_be_a_url) {
    EXPECT_EQ(database_url("dbname='host=x'").database(), "host=x");
    const auto message = refusal("dbname=postgresql://u:canary@h/d");
    EXPECT_THAT(message, HasSubstr("dbname is a URL"));
    EXPECT_THAT(message, Not(HasSubstr("canary")));
}

TEST(database_url, parameters_overrule_what_precedes_them) {
    const database_url url("postgresql://a:b@h:1/d?user=c&password=e&dbname=f&host=i&ssl=true");
    EXPECT_EQ(url.user(), "c");
    EXPECT_EQ(url.password(), "e");
    EXPECT_EQ(url.database(), "f");
    EXPECT_THAT(url.hosts(), ElementsAre(database_host{"i", 1}));
    EXPECT_EQ(url.parameter("password"), "e");
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
    EXPECT_THAT(refusal("shop"), HasSubstr("no scheme"));
    EXPECT_THAT(refusal("host=h dbname"), HasSubstr("a name without \"=\" behind it"));
    EXPECT_THAT(refusal("host=h dbname"), HasSubstr("at character 8"));
    EXPECT_THAT(refusal("dbname='x"), HasSubstr("a quote \"'\" that is not closed"));
    EXPECT_THAT(refusal("dbname='x\\"), HasSubstr("a quote \"'\" that is not closed"));
    EXPECT_THAT(refusal("hots=h"), HasSubstr("the unknown parameter \"hots\""));
    EXPECT_THAT(refusal("ssl=true"), HasSubstr("the unknown parameter \"ssl\""));
    EXPECT_THAT(refusal(std::string_view("host=h\0", 7)), HasSubstr("NUL"));
    EXPECT_THAT(refusal("POSTGRESQL://h/d?a=b"), HasSubstr("does not start with a scheme"));
    EXPECT_THAT(refusal("postgresql://h:99999/d"), HasSubstr("no number from 1 to 65535"));
    EXPECT_THAT(refusal("postgresql://h/d%2"), HasSubstr("at character 17"));
    EXPECT_THAT(refusal("postgresql://h/d?sslmod=require"), HasSubstr("unknown parameter \"sslmod\""));
    EXPECT_THAT(refusal("postgresql://[::1/d"), HasSubstr("closing"));
    EXPECT_THAT(refusal("postgresql:///d?host=a,b&port=1,2,3"), HasSubstr("2 hosts and 3 ports"));
    EXPECT_THAT(refusal("postgresql://h\n/d"), HasSubstr("control character"));
}

TEST(database_url, what_follows_a_password_is_not_taken_for_a_name_that_may_be_shown) {
    for (const char* text : {"password=my canary=1", "sslpassword=my canary = 1", "password=my canary host=h",
                             "postgresql:///?password=my&canary=1"})
        EXPECT_THAT(refusal(text), testing::AllOf(Not(testing::IsEmpty()), Not(HasSubstr("canary")))) << text;
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
                                          "postgre$sql://u:$@h/d",
                                          "host=h password=$ port=1",
                                          "host=h password='$ port=1",
                                          "host=h password='a'$ port=1",
                                          "host=h password=a port=$",
                                          "host=h password=a hostaddr=$,b",
                                          "password=a$=b",
                                          "dbname=postgres://u:$@h"};
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
