// A session that two threads use at once: one of them is told, and nothing breaks.
#include "unit/orm/in_the_middle.hpp"
#include "wharf/base/error.hpp"
#include "wharf/orm/session.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace desk {

struct task;
struct person {
    std::int64_t id{};
    std::string name{};
    wharf::has_many<task> tasks{};
};
struct task {
    std::int64_t id{};
    std::string title{};
    wharf::belongs_to<std::optional<person>> of{};
};
constexpr auto wharf_mapping(wharf::type<person>) {
    return wharf::table<person>("people", wharf::primary_key<&person::id>().generated(), wharf::column<&person::name>(),
                                wharf::relation<&person::tasks>());
}
constexpr auto wharf_mapping(wharf::type<task>) {
    return wharf::table<task>("tasks", wharf::primary_key<&task::id>().generated(), wharf::column<&task::title>(),
                              wharf::relation<&task::of>());
}

} // namespace desk

namespace wharf::testing {
namespace {

using desk::person;
using desk::task;
using orm::test::in_the_middle;

class session_of_two_threads : public ::testing::Test {
protected:
    session_of_two_threads() {
        session_.execute("CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name text)");
        session_.execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY AUTOINCREMENT, title text, of_id bigint)");
        session_.commit();
    }

    /// Calls `other` again and again beside commits of the first thread.
    void beside_commits(const std::function<void(int)>& other) {
        std::atomic<bool> done{false};
        std::jthread second([&] {
            for (int i = 0; !done.load(); ++i) {
                try {
                    other(i);
                } catch (const usage_error&) {
                    refused_.fetch_add(1);
                } catch (const error&) { // what the other thread left behind
                }
            }
        });
        for (int i = 0; i != 150; ++i) {
            try {
                for (int j = 0; j != 4; ++j)
                    session_.add(task{.title = "task"});
                session_.commit();
            } catch (const error&) {
                try {
                    session_.rollback();
                } catch (const error&) {
                }
            }
        }
        done.store(true);
    }

    engine engine_{"sqlite://"};
    session session_{engine_};
    std::atomic<int> refused_{0};
};

TEST_F(session_of_two_threads, add_and_remove_and_expunge_are_refused_beside_a_commit) {
    beside_commits([&](int i) {
        auto added = session_.add(person{.name = "new"});
        if (i % 3 == 0) session_.remove(added);
        if (i % 3 == 1) session_.expunge(added);
    });
}

TEST_F(session_of_two_threads, relation_writes_are_refused_beside_a_commit) {
    auto one = session_.add(person{.name = "one"});
    auto other = session_.add(person{.name = "other"});
    auto job = session_.add(task{.title = "job"});
    session_.commit();
    person& to_one = *one; // what a plain access does is not looked at
    task& of_job = *job;
    beside_commits([&](int i) {
        if (i % 5 == 0) of_job.of = one;
        if (i % 5 == 1) of_job.of = other;
        if (i % 5 == 2) of_job.of.set_key(1);
        if (i % 5 == 3) to_one.tasks.add(task{.title = "more"});
        if (i % 5 == 4) of_job.of = nullptr;
    });
}

TEST_F(session_of_two_threads, every_other_call_is_refused_beside_a_commit) {
    beside_commits([&](int i) {
        switch (i % 10) {
        case 0:
            return session_.expire_all();
        case 1: {
            const auto scope = session_.begin();
            return;
        }
        case 2: {
            const auto scope = session_.savepoint();
            return;
        }
        case 3:
            return session_.release_unused();
        case 4:
            return static_cast<void>(session_.is_modified());
        case 5:
            return static_cast<void>(session_.new_objects());
        case 6:
            return static_cast<void>(session_.object_count());
        case 7:
            return session_.set_autoflush(i % 20 == 7);
        case 8:
            return static_cast<void>(session_.reference<person>(i));
        default:
            return session_.flush();
        }
    });
}

TEST_F(session_of_two_threads, close_is_refused_beside_a_commit) {
    beside_commits([&](int) { session_.close(); });
}

TEST_F(session_of_two_threads, each_call_while_another_is_under_way_throws_concurrent_use) {
    auto one = session_.add(person{.name = "one"});
    auto job = session_.add(task{.title = "job", .of = one});
    session_.commit();
    person& to_one = *one;
    task& of_job = *job;
    std::vector<std::pair<const char*, std::function<void()>>> calls{
        {"add", [&] { session_.add(person{}); }},
        {"remove", [&] { session_.remove(job); }},
        {"expunge", [&] { session_.expunge(job); }},
        {"get", [&] { static_cast<void>(session_.get<person>(1)); }},
        {"select", [&] { static_cast<void>(session_.select<person>().all()); }},
        {"execute", [&] { session_.execute("SELECT 1"); }},
        {"reference", [&] { static_cast<void>(session_.reference<person>(77)); }},
        {"refresh", [&] { session_.refresh(job); }},
        {"expire", [&] { session_.expire(job); }},
        {"expire_all", [&] { session_.expire_all(); }},
        {"release_unused", [&] { session_.release_unused(); }},
        {"flush", [&] { session_.flush(); }},
        {"commit", [&] { session_.commit(); }},
        {"rollback", [&] { session_.rollback(); }},
        {"begin", [&] { static_cast<void>(session_.begin()); }},
        {"savepoint", [&] { static_cast<void>(session_.savepoint()); }},
        {"close", [&] { session_.close(); }},
        {"is_modified", [&] { static_cast<void>(session_.is_modified()); }},
        {"new_objects", [&] { static_cast<void>(session_.new_objects()); }},
        {"dirty_objects", [&] { static_cast<void>(session_.dirty_objects()); }},
        {"deleted_objects", [&] { static_cast<void>(session_.deleted_objects()); }},
        {"object_count", [&] { static_cast<void>(session_.object_count()); }},
        {"in_transaction", [&] { static_cast<void>(session_.in_transaction()); }},
        {"reference assigned", [&] { of_job.of = nullptr; }},
        {"reference set by key", [&] { of_job.of.set_key(77); }},
        {"collection added to", [&] { to_one.tasks.add(task{}); }},
        {"collection removed from", [&] { to_one.tasks.remove(job); }},
    };
    for (auto& [name, made] : calls) {
        SCOPED_TRACE(name);
        bool refused = false;
        in_the_middle watcher(engine_, [&refused, &call = made] {
            try {
                call();
            } catch (const concurrent_use&) {
                refused = true;
            }
        });
        session_.execute("SELECT 1");
        EXPECT_TRUE(refused);
        EXPECT_EQ(session_.select<task>().where(col<&task::of> == one).count(), 1);
    }
    EXPECT_FALSE(session_.is_modified());
}

TEST_F(session_of_two_threads, objects_are_changed_while_a_stream_of_rows_is_open_but_nothing_is_run) {
    session_.add(person{.name = "one"});
    session_.commit();
    for (const auto id : session_.stream_sql<std::int64_t>("SELECT id FROM people")) {
        auto added = session_.add(task{.title = "while reading"});
        added->of.set_key(id);
        EXPECT_THROW(session_.flush(), concurrent_use);
        EXPECT_THROW(static_cast<void>(session_.savepoint()), concurrent_use);
    }
    session_.commit();
    EXPECT_EQ(session_.select<task>().count(), 1);
}

} // namespace
} // namespace wharf::testing
