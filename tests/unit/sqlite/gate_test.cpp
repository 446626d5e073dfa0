#include "sqlite/write_gate.hpp"

#include "unit/sqlite/fixture.hpp"

#include <atomic>
#include <thread>

namespace wharf::testing {
namespace {

using namespace std::chrono_literals;
using sqlite::write_gate;

class counting_spot final : public io::parking_spot {
public:
    int unparked{0};

private:
    void on_unpark() override { ++unparked; }
};

TEST(write_gate, lets_in_one_at_a_time_in_order) {
    const auto gate = std::make_shared<write_gate>();
    EXPECT_TRUE(gate->try_enter());
    EXPECT_FALSE(gate->try_enter());
    const auto first_spot = std::make_shared<counting_spot>();
    const auto second_spot = std::make_shared<counting_spot>();
    write_gate::ticket first(gate, first_spot);
    write_gate::ticket second(gate, second_spot);
    EXPECT_FALSE(first.entered());
    gate->leave();
    EXPECT_TRUE(first.entered());
    EXPECT_FALSE(second.entered());
    EXPECT_EQ(first_spot->unparked, 1);
    first.keep();
    gate->leave();
    EXPECT_TRUE(second.entered());
}

TEST(write_gate, destroyed_ticket_leaves_the_line_or_passes_its_turn_on) {
    const auto gate = std::make_shared<write_gate>();
    EXPECT_TRUE(gate->try_enter());
    const auto spot = std::make_shared<counting_spot>();
    auto first = std::make_unique<write_gate::ticket>(gate, std::make_shared<counting_spot>());
    auto second = std::make_unique<write_gate::ticket>(gate, std::make_shared<counting_spot>());
    write_gate::ticket third(gate, spot);
    EXPECT_EQ(gate->waiting(), 3U);
    first.reset();
    EXPECT_EQ(gate->waiting(), 2U);
    gate->leave();
    EXPECT_TRUE(second->entered());
    second.reset(); // assigned, and gone before it noticed
    EXPECT_TRUE(third.entered());
    EXPECT_EQ(spot->unparked, 1);
}

TEST(write_gate, wait_has_its_own_limit_and_that_of_the_task) {
    const auto gate = std::make_shared<write_gate>();
    EXPECT_TRUE(io::run(sqlite::enter(gate, never)));
    EXPECT_FALSE(io::run(sqlite::enter(gate, clock::now() + 5ms)));
    EXPECT_THROW(io::run(sqlite::enter(gate, never), call_options(5ms)), timed_out);
    EXPECT_EQ(gate->waiting(), 0U);
}

TEST_F(sqlite_file, writers_of_one_connector_never_meet_a_lock) {
    constexpr int threads = 6;
    constexpr int rounds = 40;
    const auto shared = make("?busy_timeout=0&synchronous=off");
    execute(*open(*shared), "CREATE TABLE t(who INTEGER, n INTEGER)");
    std::atomic<int> failures{0};
    std::vector<std::thread> running;
    for (int who = 0; who < threads; ++who) {
        running.emplace_back([&, who] {
            auto db = open(*shared);
            for (int n = 0; n < rounds; ++n) {
                try {
                    execute(*db, "BEGIN");
                    execute(*db, "INSERT INTO t VALUES ($1, $2)", who, n);
                    execute(*db, "SELECT count(*) FROM t");
                    execute(*db, "UPDATE t SET n = n WHERE who = $1", who);
                    execute(*db, n % 5 == 4 ? "ROLLBACK" : "COMMIT");
                    execute(*db, "SELECT count(*) FROM t");
                } catch (const error& what) {
                    ADD_FAILURE() << what.what();
                    ++failures;
                }
            }
        });
    }
    for (auto& thread : running)
        thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(value_of<int>(*open(*shared), "SELECT count(*) FROM t"), threads * rounds * 4 / 5);
}

TEST_F(sqlite_file, connections_opened_at_once_on_a_new_file_all_succeed) {
    std::vector<std::thread> running;
    for (int i = 0; i < 6; ++i) {
        running.emplace_back([this] {
            auto db = open(*make()); // each of a connector of its own
            EXPECT_EQ(value_of<std::string>(*db, "PRAGMA journal_mode"), "wal");
        });
    }
    for (auto& thread : running)
        thread.join();
}

TEST_F(sqlite_file, gate_is_held_from_first_write_to_end_of_transaction) {
    const auto shared = make("?busy_timeout=0");
    auto writer = open(*shared);
    auto waiting = open(*shared);
    execute(*writer, "CREATE TABLE t(i INTEGER)");
    execute(*writer, "BEGIN");
    execute(*writer, "SELECT * FROM t");
    execute(*waiting, "INSERT INTO t VALUES (1)"); // a transaction that only read holds nobody up
    execute(*writer, "ROLLBACK");
    execute(*writer, "BEGIN");
    execute(*writer, "INSERT INTO t VALUES (2)");
    EXPECT_EQ(value_of<int>(*waiting, "SELECT count(*) FROM t"), 1);
    parameters none;
    auto insert = item("INSERT INTO t VALUES (3)");
    std::thread([&] { EXPECT_THROW(io::run(waiting->run({&insert, 1}), call_options(10ms)), timed_out); }).join();
    auto third = open(*shared);
    std::thread later([&] { execute(*third, "INSERT INTO t VALUES (4)"); });
    execute(*writer, "COMMIT");
    later.join();
    EXPECT_EQ(value_of<int>(*writer, "SELECT count(*) FROM t"), 3);
}

/// A connection that has begun to write.
std::unique_ptr<driver> open_writer(connector& to) {
    auto writer = open(to);
    execute(*writer, "CREATE TABLE t(i INTEGER)");
    execute(*writer, "BEGIN");
    execute(*writer, "INSERT INTO t VALUES (1)");
    return writer;
}

TEST_F(sqlite_file, writer_that_would_wait_for_its_own_thread_is_told_at_once) {
    const auto shared = make();
    const auto writer = open_writer(*shared);
    const auto other = open(*shared);
    EXPECT_THROW(execute(*other, "INSERT INTO t VALUES (2)"), usage_error);
    const auto outcome = io::run(other->run_script("SELECT 1; INSERT INTO t VALUES (2)", {}));
    EXPECT_EQ(outcome.results.size(), 1U);
    EXPECT_THROW(std::rethrow_exception(outcome.error), usage_error);
    EXPECT_TRUE(other->usable());
    EXPECT_EQ(value_of<int>(*other, "SELECT count(*) FROM t"), 0);
    execute(*writer, "COMMIT");
    execute(*other, "INSERT INTO t VALUES (2)");
}

TEST_F(sqlite_file, writer_waits_for_a_connection_that_its_thread_has_given_back) {
    const auto shared = make();
    const auto writer = open_writer(*shared);
    const auto other = open(*shared);
    writer->reset_before_next();
    std::thread pool([&] { execute(*writer, "SELECT 1"); });
    execute(*other, "INSERT INTO t VALUES (2)");
    pool.join();
    EXPECT_EQ(value_of<int>(*other, "SELECT sum(i) FROM t"), 2);
}

TEST_F(sqlite_file, connection_destroyed_inside_its_transaction_frees_the_gate) {
    const auto shared = make("?busy_timeout=0");
    auto other = open(*shared);
    execute(*other, "CREATE TABLE t(i INTEGER)");
    {
        auto writer = open(*shared);
        execute(*writer, "BEGIN IMMEDIATE");
        execute(*writer, "INSERT INTO t VALUES (1)");
    }
    execute(*other, "INSERT INTO t VALUES (2)");
    EXPECT_EQ(value_of<int>(*other, "SELECT i FROM t"), 2);
}

} // namespace
} // namespace wharf::testing
