// The driver under surroundings that offload to threads, as an event loop does.
#include "unit/sqlite/fixture.hpp"

#include "wharf/io/workers.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace wharf::testing {
namespace {

using namespace std::chrono_literals;

/// Where a waiting test is woken.
class bell {
public:
    void ring() {
        const std::lock_guard lock(mutex_);
        rung_ = true;
        changed_.notify_all();
    }
    bool wait_for(std::chrono::milliseconds span) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, span, [this] { return rung_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool rung_{false};
};

class bell_spot final : public io::parking_spot {
public:
    bell rings{};

private:
    void on_unpark() override { rings.ring(); }
};

class loop_surroundings final : public io::surroundings {
public:
    std::shared_ptr<io::parking_spot> make_spot() override { return std::make_shared<bell_spot>(); }
};

class ringing_job final : public io::job {
public:
    explicit ringing_job(std::shared_ptr<io::job> work) : work_(std::move(work)) {}
    void run() noexcept override {
        work_->run();
        work_.reset();
        rings.ring();
    }
    bell rings{};

private:
    std::shared_ptr<io::job> work_;
};

/// Runs one op step by step; a step is what lies between two requests.
template <class T>
class stepper {
public:
    stepper(io::workers& threads, io::op<T> work) : threads_(threads) { std::move(work).start_on(task_, out_); }

    /// True: the op has finished. Serves the request before it goes on.
    bool step() {
        if (task_.pump()) return true;
        auto& what = task_.pending();
        ++requests;
        if (what.what == io::request::kind::offload) {
            offloaded_ = std::make_shared<ringing_job>(std::exchange(what.work, nullptr));
            threads_.submit(offloaded_);
        }
        return false;
    }
    /// Waits for the answer to the request.
    void finish_request() {
        if (task_.pending().what == io::request::kind::park) {
            static_cast<bell_spot&>(*task_.pending().spot).rings.wait_for(10s);
        } else {
            offloaded_->rings.wait_for(10s);
        }
        task_.answer(io::wake::ready);
    }
    T run() {
        while (!step())
            finish_request();
        return out_.take();
    }
    void time_out() { task_.answer(io::wake::timed_out); }
    T take() { return out_.take(); }

    int requests{0};

private:
    io::workers& threads_;
    loop_surroundings around_{};
    io::outcome<T> out_{};
    std::shared_ptr<ringing_job> offloaded_{};
    io::task task_{around_};
};

class sqlite_async : public sqlite_file {
protected:
    std::shared_ptr<connector> connector_ = make();
    io::workers threads_{4};
};

constexpr std::string_view endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

TEST_F(sqlite_async, batch_is_offloaded_once) {
    auto db = stepper(threads_, connector_->connect()).run();
    std::vector<batch_item> items{item("CREATE TABLE t(i INTEGER)"), item("INSERT INTO t VALUES (1)"),
                                  item("SELECT * FROM t")};
    stepper run(threads_, db->run(items));
    run.run();
    EXPECT_EQ(run.requests, 1);
    EXPECT_FALSE(items[1].error);
    stepper(threads_, db->close()).run();
}

TEST_F(sqlite_async, op_destroyed_while_its_job_runs_interrupts_it) {
    auto db = stepper(threads_, connector_->connect()).run();
    {
        parameters values;
        encode_parameter(values, std::string(1000, 'x'));
        const std::string sql = "SELECT $1 WHERE (" + std::string(endless) + ") > 0";
        std::vector<batch_item> items{item(sql, &values)};
        stepper run(threads_, db->run(items));
        EXPECT_FALSE(run.step());
        // text, values and items go with the op, the job goes on without them
    }
    EXPECT_FALSE(db->usable());
    stepper close(threads_, db->close());
    close.run(); // waits for the job
}

TEST_F(sqlite_async, connection_destroyed_while_its_job_runs_is_closed_by_it) {
    auto db = stepper(threads_, connector_->connect()).run();
    execute(*db, "CREATE TABLE t(i INTEGER)");
    execute(*db, "BEGIN IMMEDIATE");
    {
        std::vector<batch_item> items{item(endless)};
        stepper run(threads_, db->run(items));
        EXPECT_FALSE(run.step());
    }
    db.reset();
    auto other = stepper(threads_, connector_->connect()).run();
    std::vector<batch_item> items{item("INSERT INTO t VALUES (1)")};
    stepper(threads_, other->run(items)).run(); // the gate opens once the job has ended
    EXPECT_FALSE(items[0].error);
}

TEST_F(sqlite_async, op_whose_deadline_passes_ends_at_once_and_the_job_soon) {
    auto db = stepper(threads_, connector_->connect()).run();
    std::vector<batch_item> items{item(endless)};
    stepper run(threads_, db->run(items));
    EXPECT_FALSE(run.step());
    run.time_out();
    EXPECT_TRUE(run.step());
    EXPECT_THROW(run.take(), timed_out);
    EXPECT_FALSE(db->usable());
    stepper(threads_, db->close()).run();
}

TEST_F(sqlite_async, batch_waits_for_the_gate_between_two_jobs) {
    auto writer = stepper(threads_, connector_->connect()).run();
    auto waiting = stepper(threads_, connector_->connect()).run();
    execute(*writer, "CREATE TABLE t(i INTEGER)");
    execute(*writer, "BEGIN IMMEDIATE");
    std::vector<batch_item> items{item("SELECT count(*) FROM t"), end(item("SELECT 1")),
                                  item("INSERT INTO t VALUES (1)"), item("INSERT INTO t VALUES (2)")};
    stepper run(threads_, waiting->run(items));
    EXPECT_FALSE(run.step()); // job
    run.finish_request();
    EXPECT_FALSE(run.step()); // parked
    execute(*writer, "COMMIT");
    run.run();
    EXPECT_EQ(run.requests, 3);
    EXPECT_FALSE(items[3].error);
    EXPECT_EQ(value_of<int>(*writer, "SELECT count(*) FROM t"), 2);
    execute(*writer, "INSERT INTO t VALUES (3)"); // the gate is free again
}

TEST_F(sqlite_async, op_destroyed_while_it_waits_leaves_the_line) {
    auto writer = stepper(threads_, connector_->connect()).run();
    auto waiting = stepper(threads_, connector_->connect()).run();
    auto next = stepper(threads_, connector_->connect()).run();
    execute(*writer, "CREATE TABLE t(i INTEGER)");
    execute(*writer, "BEGIN IMMEDIATE");
    {
        std::vector<batch_item> items{item("INSERT INTO t VALUES (1)")};
        stepper run(threads_, waiting->run(items));
        EXPECT_FALSE(run.step());
        run.finish_request();
        EXPECT_FALSE(run.step());
    }
    EXPECT_FALSE(waiting->usable());
    execute(*writer, "COMMIT");
    execute(*next, "INSERT INTO t VALUES (2)");
    EXPECT_EQ(value_of<int>(*next, "SELECT i FROM t"), 2);
}

TEST_F(sqlite_async, connect_destroyed_half_way_leaves_nothing) {
    {
        stepper connecting(threads_, connector_->connect());
        EXPECT_FALSE(connecting.step());
    }
    auto db = stepper(threads_, connector_->connect()).run();
    EXPECT_EQ(value_of<int>(*db, "SELECT 1"), 1);
}

} // namespace
} // namespace wharf::testing
