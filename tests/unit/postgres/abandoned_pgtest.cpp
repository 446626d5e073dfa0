// Ops that are destroyed half-way, and connections that the server ends.
#include "connected.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/io/descriptor.hpp"
#include "wharf/io/task.hpp"

#include <poll.h>

#include <stop_token>
#include <thread>

namespace wharf::postgres {
namespace {

// Runs an op up to its n-th request and destroys it there. True when it finished before.
template <class T>
bool destroyed_at(io::op<T> work, int n) {
    struct : io::surroundings {
        std::shared_ptr<io::parking_spot> make_spot() override { return nullptr; }
    } around;
    io::outcome<T> out;
    io::task runner(around);
    std::move(work).start_on(runner, out);
    for (int i = 0;; ++i) {
        if (runner.pump()) {
            static_cast<void>(out.take());
            return true;
        }
        if (i == n) return false;
        io::request& what = runner.pending();
        if (what.what == io::request::kind::offload) {
            what.work->run();
        } else if (what.what == io::request::kind::wait) {
            pollfd entry{what.target->native(), POLLIN, 0};
            if (what.want == io::interest::write) entry.events = POLLOUT;
            if (what.want == io::interest::either) entry.events = POLLIN | POLLOUT;
            ::poll(&entry, 1, 20'000);
        }
        runner.answer(io::wake::ready);
    }
}

class abandoned_pgtest : public connected_pgtest {
protected:
    // Until the server has noticed that clients have gone.
    void expect_connections(std::int64_t count) {
        for (int i = 0; i < 200 && database_.connections() != count; ++i)
            ::poll(nullptr, 0, 20);
        EXPECT_EQ(database_.connections(), count);
    }
    [[nodiscard]] int running(const std::string& text) const {
        return std::stoi(database_.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                                         "datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%" +
                                         text + "%'"));
    }
    void terminate() {
        database_.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                          "AND pid <> pg_backend_pid() AND application_name = 'wharf'");
        expect_connections(0);
    }
};

TEST_F(abandoned_pgtest, query_destroyed_at_any_wait_leaves_the_connection_unusable) {
    int waits = 0;
    for (bool finished = false; !finished; ++waits) {
        const auto connection = connect(socket_settings(database_));
        result found;
        batch_item item;
        item.sql = "SELECT generate_series(1, 100000)";
        item.rows = &found;
        finished = destroyed_at(connection->run(std::span(&item, 1)), waits);
        EXPECT_EQ(connection->usable(), finished);
        if (!finished) {
            batch_item next = utility("SELECT 1");
            EXPECT_THROW(run(*connection, std::span(&next, 1)), connection_lost);
        }
    }
    EXPECT_GT(waits, 2);
    expect_connections(1);
}

TEST_F(abandoned_pgtest, op_that_was_never_started_leaves_the_connection_as_it_was) {
    batch_item item = utility("SELECT 1");
    {
        const auto never_run = connection_->run(std::span(&item, 1));
    }
    EXPECT_TRUE(connection_->usable());
    EXPECT_EQ(query<int>(*connection_, "SELECT 1").one(), 1);
}

TEST_F(abandoned_pgtest, login_destroyed_at_any_wait_leaves_nothing_behind) {
    for (const settings& where : {socket_settings(database_), tcp_settings(database_), tls_settings(database_)}) {
        const auto to = make_connector(where);
        bool finished = false;
        for (int waits = 0; !finished; ++waits)
            finished = destroyed_at(to->connect(), waits);
    }
    expect_connections(1);
}

TEST_F(abandoned_pgtest, stop_request_ends_a_running_query_and_close_stops_the_server) {
    std::stop_source stop;
    batch_item item;
    item.sql = "SELECT pg_sleep(20)";
    std::jthread stopper([&] {
        ::poll(nullptr, 0, 50);
        stop.request_stop();
    });
    EXPECT_THROW(io::run(connection_->run(std::span(&item, 1)), call_options(stop.get_token())), cancelled);
    EXPECT_FALSE(connection_->usable());
    EXPECT_EQ(running("pg_sleep(20)"), 1);
    io::run(connection_->close(), call_options(std::chrono::seconds(20)));
    for (int i = 0; i < 200 && running("pg_sleep(20)") != 0; ++i)
        ::poll(nullptr, 0, 20);
    EXPECT_EQ(running("pg_sleep(20)"), 0) << "the server works on for nobody";
}

TEST_F(abandoned_pgtest, connection_that_the_server_ended_while_idle_is_lost_and_nothing_is_in_doubt) {
    execute(*connection_, "CREATE TABLE t(id int4)");
    execute(*connection_, "INSERT INTO t VALUES (1)");
    terminate();
    try {
        execute(*connection_, "INSERT INTO t VALUES (1)");
        FAIL() << "accepted";
    } catch (const connection_lost& lost) {
        EXPECT_THAT(lost.what(), testing::HasSubstr("57P01"));
        EXPECT_TRUE(lost.is_transient());
    }
    EXPECT_FALSE(connection_->usable());
    io::run(connection_->close());
}

TEST_F(abandoned_pgtest, ping_and_close_of_a_connection_that_has_ended_do_not_hang) {
    terminate();
    EXPECT_THROW(io::run(connection_->ping()), connection_lost);
    io::run(connection_->close());
    connection_ = connect(socket_settings(database_));
    terminate();
    io::run(connection_->close());
    EXPECT_FALSE(connection_->usable());
}

} // namespace
} // namespace wharf::postgres
