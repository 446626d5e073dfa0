// What is said when a database cannot be opened, and whether that may pass.
#include "unit/sqlite/fixture.hpp"

#include <filesystem>
#include <fstream>

namespace wharf::testing {
namespace {

using ::testing::HasSubstr;

class sqlite_opening : public sqlite_file {
protected:
    static void expect_refused(const std::string& url, std::string_view reason) {
        try {
            open(*sqlite::make_connector(url));
            ADD_FAILURE() << url << " was opened";
        } catch (const connect_failed& error) {
            EXPECT_THAT(error.what(), HasSubstr(std::string(reason)));
            EXPECT_THAT(error.what(), ::testing::StartsWith("cannot open " + url.substr(0, url.find('?'))));
            EXPECT_FALSE(error.is_transient()) << error.what();
        }
    }
};

TEST_F(sqlite_opening, missing_folder_is_named) {
    expect_refused("sqlite:////nowhere/at/all.db", "the folder /nowhere/at does not exist");
}

TEST_F(sqlite_opening, folder_is_no_database) {
    std::filesystem::create_directory(path());
    expect_refused(url(), "is a folder");
}

TEST_F(sqlite_opening, file_that_is_not_to_be_made_is_missed) {
    expect_refused(url("?mode=rw"), "there is no file " + path());
}

TEST_F(sqlite_opening, file_of_another_kind_is_no_database) {
    std::ofstream(path()) << "this is not a database file, but it is long enough to look at its header and see that";
    expect_refused(url(), "file is not a database");
}

// Its header asks for a newer SQLite to write it.
TEST_F(sqlite_opening, file_that_cannot_be_written_is_refused) {
    execute(*open(*make("?journal_mode=delete")), "CREATE TABLE t(i)");
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(18).put(3);
    file.close();
    expect_refused(url(), "readonly database");
}

TEST_F(sqlite_opening, lock_of_another_may_pass) {
    auto other = open(*make("?journal_mode=delete"));
    execute(*other, "CREATE TABLE t(i)");
    execute(*other, "BEGIN EXCLUSIVE");
    try {
        open(*make("?busy_timeout=1"));
        FAIL();
    } catch (const connect_failed& error) {
        EXPECT_TRUE(error.is_transient());
        EXPECT_THAT(error.what(), HasSubstr("busy_timeout"));
    }
}

} // namespace
} // namespace wharf::testing
