#include "postgres/password_file.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace wharf::postgres {
namespace {

using testing::HasSubstr;

class password_file : public testing::Test {
protected:
    password_answer answer(const std::string& text, const std::string& host = "h", std::uint16_t port = 5432,
                           const std::string& database = "d", const std::string& user = "u") {
        const std::string path = directory_.path() / "pgpass";
        std::ofstream(path) << text;
        std::filesystem::permissions(path, permissions_);
        return look_up_password({path, host, port, database, user});
    }
    std::string found(const std::string& text, const std::string& host = "h", std::uint16_t port = 5432,
                      const std::string& database = "d", const std::string& user = "u") {
        return answer(text, host, port, database, user).password.value_or("nothing");
    }

    test::temporary_directory directory_;
    std::filesystem::perms permissions_{std::filesystem::perms::owner_read | std::filesystem::perms::owner_write};
};

TEST_F(password_file, first_line_that_fits_counts) {
    EXPECT_EQ(found("h:5432:d:u:one\nh:5432:d:u:two\n"), "one");
    EXPECT_EQ(found("x:5432:d:u:one\nh:1:d:u:two\nh:5432:x:u:three\nh:5432:d:x:four\nh:5432:d:u:five"), "five");
    EXPECT_EQ(found("#h:5432:d:u:one\n\nh:5432:d:u:two\r\n"), "two");
    EXPECT_EQ(found("h:5432:d:uu:one\nhh:5432:d:u:two\n"), "nothing");
    EXPECT_EQ(found(""), "nothing");
}

TEST_F(password_file, star_stands_for_anything_but_only_alone) {
    EXPECT_EQ(found("*:*:*:*:any"), "any");
    EXPECT_EQ(found("h*:*:*:*:any"), "nothing");
    EXPECT_EQ(found("\\*:*:*:*:any", "*"), "any");
    EXPECT_EQ(found("\\*:*:*:*:any"), "nothing");
}

TEST_F(password_file, backslash_takes_the_meaning_of_what_follows) {
    EXPECT_EQ(found("\\:\\:1:5432:d:u:pass\\:wo\\\\rd", "::1"), "pass:wo\\rd");
    EXPECT_EQ(found("h:5432:a\\\\b:u:x", "h", 5432, "a\\b"), "x");
    EXPECT_EQ(found("h:5432:d:u:pass:what follows a colon is not part of it"), "pass");
    EXPECT_EQ(found("h:5432:d:u:end\\"), "end\\");
    EXPECT_EQ(found("h\\"), "nothing");
}

TEST_F(password_file, default_socket_is_called_localhost) {
    EXPECT_EQ(found("localhost:5432:d:u:x", "/var/run/postgresql"), "x");
    EXPECT_EQ(found("/tmp:5432:d:u:x", "/tmp"), "x");
    EXPECT_EQ(found("localhost:5432:d:u:x", "/tmp"), "nothing");
}

TEST_F(password_file, others_have_access__is_passed_over_and_the_answer_says_why) {
    permissions_ |= std::filesystem::perms::group_read;
    const auto given = answer("*:*:*:*:canary");
    EXPECT_EQ(given.password, std::nullopt);
    EXPECT_THAT(given.problem, HasSubstr("permissions should be u=rw (0600)"));
    EXPECT_THAT(given.problem, HasSubstr(directory_.path().string()));
    EXPECT_THAT(given.problem, testing::Not(HasSubstr("canary")));
}

TEST_F(password_file, is_no_file__is_passed_over) {
    EXPECT_THAT(look_up_password({directory_.path(), "h", 5432, "d", "u"}).problem, HasSubstr("not a plain file"));
    const auto missing = look_up_password({directory_.path() / "missing", "h", 5432, "d", "u"});
    EXPECT_EQ(missing.password, std::nullopt);
    EXPECT_EQ(missing.problem, "");
}

} // namespace
} // namespace wharf::postgres
