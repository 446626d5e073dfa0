// Another process on the same file.
#include "unit/sqlite/fixture.hpp"

#include <sys/wait.h>

#include <csignal>
#include <thread>

namespace wharf::testing {
namespace {

using namespace std::chrono_literals;

/// A process that has begun to write, and goes on holding the lock until it is killed.
class foreign_writer {
public:
    explicit foreign_writer(const std::string& url) {
        int ready[2];
        if (::pipe(ready) != 0) throw std::runtime_error("pipe");
        process_ = ::fork();
        if (process_ == 0) {
            auto db = open(*sqlite::make_connector(url));
            execute(*db, "BEGIN IMMEDIATE");
            execute(*db, "INSERT INTO t VALUES (1)");
            static_cast<void>(!::write(ready[1], "x", 1));
            ::pause();
            ::_exit(0);
        }
        char byte{};
        static_cast<void>(!::read(ready[0], &byte, 1));
        ::close(ready[0]);
        ::close(ready[1]);
    }
    ~foreign_writer() { kill(); }
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }

private:
    ::pid_t process_{0};
};

TEST_F(sqlite_file, writer_in_another_process_is_waited_for_and_leaves_nothing_when_killed) {
    const auto shared = make("?busy_timeout=30");
    execute(*open(*shared), "CREATE TABLE t(i INTEGER)");
    foreign_writer other(url());
    auto impatient = open(*shared);
    EXPECT_EQ(error_of(*impatient, "INSERT INTO t VALUES (2)").sqlstate(), "55P03");
    EXPECT_EQ(value_of<int>(*impatient, "SELECT count(*) FROM t"), 0); // readers are not held up
    auto patient = open(*make("?busy_timeout=20000"));
    std::thread killer([&other] { other.kill(); });
    execute(*patient, "INSERT INTO t VALUES (3)");
    killer.join();
    EXPECT_EQ(value_of<int>(*patient, "SELECT i FROM t"), 3);
}

TEST_F(sqlite_file, deadline_ends_the_wait_for_another_process) {
    const auto shared = make("?busy_timeout=20000");
    execute(*open(*shared), "CREATE TABLE t(i INTEGER)");
    const foreign_writer other(url());
    auto waiting = open(*shared);
    auto insert = item("INSERT INTO t VALUES (2)");
    EXPECT_THROW(io::run(waiting->run({&insert, 1}), call_options(20ms)), timed_out);
    EXPECT_FALSE(waiting->usable());
}

} // namespace
} // namespace wharf::testing
