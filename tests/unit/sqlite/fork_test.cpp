// Databases of SQLite in a child made by fork(2).
#include "unit/sqlite/fixture.hpp"

#include <sys/wait.h>

#include <functional>

namespace wharf::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class sqlite_fork : public sqlite_file {
protected:
    /// What a child's attempt to write says; nothing if it has written.
    static std::string refusal_in_child(const std::string& url) {
        int words[2];
        if (::pipe(words) != 0) throw std::runtime_error("pipe");
        const auto child = ::fork();
        if (child == 0) {
            std::string said;
            try {
                execute(*open(*sqlite::make_connector(url)), "INSERT INTO t VALUES (1)");
            } catch (const connect_failed& error) {
                said = std::string(error.is_transient() ? "may pass: " : "") + error.what();
            } catch (const std::exception& error) {
                said = std::string("another error: ") + error.what();
            }
            static_cast<void>(!::write(words[1], said.data(), said.size()));
            ::_exit(0);
        }
        ::close(words[1]);
        std::string said(1000, '\0');
        said.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(words[0], said.data(), said.size()))));
        ::close(words[0]);
        ::waitpid(child, nullptr, 0);
        return said;
    }
};

TEST_F(sqlite_fork, child_of_a_process_that_had_a_database_open_is_refused) {
    const auto connector = make();
    auto db = open(*connector);
    execute(*db, "CREATE TABLE t(i INTEGER)");
    for (const auto& wanted : {url(), std::string("sqlite://"), "sqlite:///" + path() + "2"}) {
        const auto said = refusal_in_child(wanted);
        EXPECT_THAT(said, ::testing::StartsWith("cannot open " + wanted));
        EXPECT_THAT(said, HasSubstr("fork() made this process"));
    }
    execute(*db, "INSERT INTO t VALUES (2)"); // the parent goes on
    EXPECT_EQ(value_of<int>(*db, "SELECT count(*) FROM t"), 1);
}

TEST_F(sqlite_fork, child_of_a_process_that_has_closed_its_databases_keeps_what_it_writes) {
    const auto connector = make();
    auto db = open(*connector);
    execute(*db, "CREATE TABLE t(i INTEGER)");
    io::run(db->close());
    EXPECT_THAT(refusal_in_child(url()), IsEmpty());
    EXPECT_EQ(value_of<int>(*open(*connector), "SELECT count(*) FROM t"), 1);
}

TEST_F(sqlite_fork, child_of_a_process_that_could_not_open_one_is_not_refused) {
    execute(*open(*make()), "CREATE TABLE t(i INTEGER)");
    EXPECT_THROW(open(*make("?mode=no_such_mode")), std::exception);
    EXPECT_THROW(open(*sqlite::make_connector("sqlite:////nowhere/at/all.db")), connect_failed);
    EXPECT_THAT(refusal_in_child(url()), IsEmpty());
}

TEST_F(sqlite_fork, grandchild_is_refused_as_its_parent_is) {
    const auto connector = make();
    auto db = open(*connector);
    execute(*db, "CREATE TABLE t(i INTEGER)");
    const auto child = ::fork();
    if (child == 0) ::_exit(refusal_in_child(url()).empty() ? 1 : 0);
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

} // namespace
} // namespace wharf::testing
