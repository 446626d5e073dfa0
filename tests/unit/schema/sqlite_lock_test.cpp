// Sessions on SQLite that read, change and write at the same time.
#include "unit/sqlite/fixture.hpp"
#include "wharf/orm/retry.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/schema/create_tables.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace counted {

struct Counter {
    std::int64_t id{};
    std::int64_t value{};
};
constexpr auto wharf_mapping(wharf::type<Counter>) {
    return wharf::table<Counter>("counters", wharf::primary_key<&Counter::id>(), wharf::column<&Counter::value>());
}

} // namespace counted

namespace {

using counted::Counter;

class session_on_sqlite : public wharf::testing::sqlite_file {
protected:
    session_on_sqlite() {
        wharf::create_tables<Counter>(engine_);
        wharf::session session(engine_);
        session.add(Counter{.id = 1});
        session.commit();
    }
    std::int64_t value() { return wharf::session(engine_).get_one<const Counter>(1)->value; }
    /// Of another pool: as another process would.
    void expect_locked(bool locked) {
        wharf::session other(stranger_);
        other.get_one<Counter>(1)->value += 100;
        if (locked) {
            EXPECT_THROW(other.commit(), wharf::lock_not_available);
            other.rollback();
        } else {
            EXPECT_NO_THROW(other.commit());
        }
    }

    wharf::engine engine_{url()};
    wharf::engine stranger_{url("?busy_timeout=1")};
};

TEST_F(session_on_sqlite, transaction_that_begins_with_a_lock_takes_the_write_lock) {
    {
        wharf::session session(engine_);
        auto counter = session.select<Counter>().for_update().one();
        expect_locked(true);
        ++counter->value;
        session.commit();
    }
    {
        wharf::session session(engine_);
        auto counter = session.get_one<Counter>(1, {.lock = wharf::lock::update});
        expect_locked(true);
        ++counter->value;
        session.commit();
    }
    EXPECT_EQ(value(), 2);
}

TEST_F(session_on_sqlite, transaction_that_only_reads_locks_nothing) {
    wharf::session session(engine_);
    static_cast<void>(session.select<Counter>().all());
    expect_locked(false);
}

TEST_F(session_on_sqlite, try_that_was_outdated_is_followed_by_one_that_locks_first) {
    int tries = 0;
    wharf::session session(engine_);
    wharf::run_transaction(session, [&](wharf::session& trying) {
        auto counter = trying.get_one<Counter>(1);
        expect_locked(tries++ > 0);
        ++counter->value;
    });
    EXPECT_EQ(tries, 2);
    EXPECT_EQ(value(), 101);
}

TEST_F(session_on_sqlite, threads_that_read_and_change_one_row_lose_nothing) {
    constexpr int threads = 4;
    constexpr int times = 25;
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([this] {
            for (int n = 0; n < times; ++n) {
                wharf::session session(engine_);
                wharf::run_transaction(session, [](wharf::session& trying) { ++trying.get_one<Counter>(1)->value; });
            }
        });
    }
    running.clear();
    EXPECT_EQ(value(), threads * times);
}

} // namespace
