// What is said when a database cannot be opened, and whether that may pass.
#include "unit/sqlite/fixture.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/mount.h>
#include <sys/resource.h>

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

/// As long as it lives, this process cannot make a file longer than so many bytes, as on a disk that is full.
class no_more_space {
public:
    explicit no_more_space(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        auto limited = before_;
        limited.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    no_more_space(const no_more_space&) = delete;
    no_more_space& operator=(const no_more_space&) = delete;
    ~no_more_space() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, on_signal_);
    }

private:
    rlimit before_{};
    void (*on_signal_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

/// A file system of 64 KiB at a folder, where the test may mount one.
class small_disk {
public:
    explicit small_disk(std::string at)
        : at_(std::move(at)), mounted_(::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=64k") == 0) {}
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;
    ~small_disk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    [[nodiscard]] bool is_there() const noexcept { return mounted_; }
    void fill(const std::string& file) const {
        std::ofstream out(at_ + "/" + file, std::ios::binary);
        while (out << std::string(1024, 'x') << std::flush) {
        }
        ASSERT_EQ(std::filesystem::space(at_).free, 0U);
    }

private:
    std::string at_;
    bool mounted_;
};

TEST_F(sqlite_opening, no_space_is_left_for_the_first_page) {
    std::string said;
    bool transient = true;
    {
        const no_more_space full(0);
        try {
            open(*make());
        } catch (const connect_failed& error) {
            said = error.what();
            transient = error.is_transient();
        }
    }
    EXPECT_THAT(said, ::testing::AllOf(HasSubstr("cannot open " + url()), HasSubstr("File too large")));
    EXPECT_FALSE(transient);
}

TEST_F(sqlite_opening, disk_is_full__first_write_says_so) {
    const auto folder = std::filesystem::path(path()).parent_path() / "disk";
    std::filesystem::create_directory(folder);
    const small_disk disk(folder.string());
    if (!disk.is_there()) GTEST_SKIP() << "this user may not mount a file system";
    const auto file = folder / "test.db";
    const auto at = "sqlite:///" + file.string();
    {
        auto early = open(*sqlite::make_connector(at));
        execute(*early, "CREATE TABLE t(i)");
        disk.fill("filler");
        EXPECT_THAT([&] { execute(*early, "INSERT INTO t VALUES (zeroblob(100000))"); },
                    ::testing::ThrowsMessage<database_error>(HasSubstr("[53100]")));
    }
    std::filesystem::remove(file);
    disk.fill("more");
    EXPECT_THAT([&] { execute(*open(*sqlite::make_connector(at)), "CREATE TABLE t(i)"); },
                ::testing::ThrowsMessage<error>(HasSubstr("disk is full")));
}

TEST_F(sqlite_opening, disk_is_full__new_file_is_refused_and_old_one_is_read) {
    const auto folder = std::filesystem::path(path()).parent_path() / "disk";
    std::filesystem::create_directory(folder);
    const small_disk disk(folder.string());
    if (!disk.is_there()) GTEST_SKIP() << "this user may not mount a file system";
    const auto old = "sqlite:///" + (folder / "old.db").string();
    execute(*open(*sqlite::make_connector(old)), "CREATE TABLE t(i)");
    disk.fill("filler");
    expect_refused("sqlite:///" + (folder / "new.db").string(), "disk is full");
    auto again = open(*sqlite::make_connector(old));
    execute(*again, "SELECT count(*) FROM t");
    EXPECT_THAT([&] { execute(*again, "INSERT INTO t VALUES (zeroblob(100000))"); },
                ::testing::ThrowsMessage<database_error>(HasSubstr("[53100]")));
    EXPECT_TRUE(again->usable());
    execute(*again, "SELECT count(*) FROM t");
}

TEST_F(sqlite_opening, file_that_has_all_its_pages_fails_at_once) {
    auto opened = open(*make("?journal_mode=delete"));
    execute(*opened, "CREATE TABLE t(i)");
    execute(*opened, "PRAGMA max_page_count = 2");
    EXPECT_THAT([&] { execute(*opened, "INSERT INTO t VALUES (zeroblob(100000))"); },
                ::testing::ThrowsMessage<database_error>(HasSubstr("[53100]")));
    execute(*opened, "INSERT INTO t VALUES (1)");
}

} // namespace
} // namespace wharf::testing
