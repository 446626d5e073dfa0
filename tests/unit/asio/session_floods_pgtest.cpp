// Sessions with many rows: a handler that was posted runs every thousand rows, on both backends.
#include "support/backends.hpp"
#include "unit/asio/bystander.hpp"
#include "unit/asio/run_to_end.hpp"
#include "wharf/asio/session.hpp"
#include "wharf/schema/create_tables.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace session_floods {

/// A number that counts how often it is read from a row, and encoded for one.
struct counted {
    std::int64_t value{};
    static inline int count{0};
};

} // namespace session_floods

template <>
struct wharf::codec<session_floods::counted> {
    static constexpr type_oid type = type_oid::int8;
    static constexpr bool exact = true;
    static void encode(const session_floods::counted& value, std::string& out) {
        ++session_floods::counted::count;
        codec<std::int64_t>::encode(value.value, out);
    }
    static void decode(const cell_view& cell, session_floods::counted& out) {
        ++session_floods::counted::count;
        codec<std::int64_t>::decode(cell, out.value);
    }
};

namespace session_floods {

struct Reading;
struct Series {
    std::int64_t id{};
    wharf::has_many<Reading> readings{};
};
struct Reading {
    std::int64_t id{};
    wharf::belongs_to<Series> series{};
    counted value{};
};

constexpr auto wharf_mapping(wharf::type<Series>) {
    return wharf::table<Series>("series", wharf::primary_key<&Series::id>().generated(),
                                wharf::relation<&Series::readings>());
}
constexpr auto wharf_mapping(wharf::type<Reading>) {
    return wharf::table<Reading>("readings", wharf::primary_key<&Reading::id>().generated(),
                                 wharf::relation<&Reading::series>(), wharf::column<&Reading::value>());
}

namespace asio = boost::asio;

constexpr std::int64_t rows = 5'000;
constexpr int most_rows = 1'000;

asio::awaitable<void> make_tables(wharf::async_engine& engine) {
    co_await wharf::create_tables<Series, Reading>(engine);
    wharf::async_session session(engine);
    session.add(Series{});
    co_await session.commit();
}
asio::awaitable<void> make_readings(wharf::async_engine& engine) {
    wharf::async_session session(engine);
    co_await session.execute("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1) "
                             "INSERT INTO readings(series_id, value) SELECT 1, n FROM c",
                             rows);
    co_await session.commit();
}
asio::awaitable<void> select_readings(wharf::async_session& session, std::vector<wharf::entity<Reading>>& out) {
    out = co_await session.select<Reading>().all();
}
asio::awaitable<void> count_readings(wharf::async_session& session) {
    const auto found = co_await session.select<Reading>().count();
    EXPECT_EQ(found, rows);
}
asio::awaitable<void> select_columns(wharf::async_session& session) {
    const auto found = co_await session.query_sql<counted>("SELECT value FROM readings");
    EXPECT_EQ(found.size(), std::size_t{rows});
}
asio::awaitable<void> load_readings(wharf::async_session& session) {
    const auto series = co_await session.get_one<const Series>(1);
    const auto& readings = co_await session.load(series->readings);
    EXPECT_EQ(readings.get().size(), std::size_t{rows});
}
asio::awaitable<void> commit(wharf::async_session& session) {
    co_await session.commit();
}

template <class Backend>
class session_floods_on : public testing::Test {
protected:
    session_floods_on() { run(make_tables(engine_)); }

    void run(asio::awaitable<void> work) { wharf::test::run_to_end(context_, std::move(work)); }
    /// The most values that were read or encoded between two runs of a handler that was posted.
    int longest_turn(asio::awaitable<void> flood) {
        counted::count = 0;
        wharf::test::bystander others(context_, counted::count);
        wharf::test::run_to_end(context_, std::move(flood), [&] { others.stop(); });
        EXPECT_GE(counted::count, rows); // it was a flood
        return others.longest();
    }
    std::vector<wharf::entity<Reading>> read_all() {
        run(make_readings(engine_));
        std::vector<wharf::entity<Reading>> all;
        run(select_readings(session_, all));
        return all;
    }

    Backend backend_{};
    asio::io_context context_{};
    wharf::async_engine engine_{context_.get_executor(), backend_.url(), {.pool_size = 2}};
    wharf::async_session session_{engine_};
};
TYPED_TEST_SUITE(session_floods_on, wharf::test::backends);

TYPED_TEST(session_floods_on, rows_that_become_objects__let_others_run) {
    this->run(make_readings(this->engine_));
    std::vector<wharf::entity<Reading>> all;
    EXPECT_LE(this->longest_turn(select_readings(this->session_, all)), most_rows);
    EXPECT_EQ(all.size(), std::size_t{rows});
}

TYPED_TEST(session_floods_on, rows_of_raw_sql__let_others_run) {
    this->run(make_readings(this->engine_));
    EXPECT_LE(this->longest_turn(select_columns(this->session_)), most_rows);
}

TYPED_TEST(session_floods_on, large_collection__lets_others_run) {
    this->run(make_readings(this->engine_));
    EXPECT_LE(this->longest_turn(load_readings(this->session_)), most_rows);
}

TYPED_TEST(session_floods_on, commit_of_many_new_objects__lets_others_run) {
    for (std::int64_t i = 0; i < rows; ++i) {
        auto reading = this->session_.add(Reading{.value = {i}});
        reading->series.set_key(1);
    }
    EXPECT_LE(this->longest_turn(commit(this->session_)), most_rows);
    std::vector<wharf::entity<Reading>> all;
    wharf::async_session other(this->engine_);
    this->run(select_readings(other, all));
    EXPECT_EQ(all.size(), std::size_t{rows});
}

TYPED_TEST(session_floods_on, commit_of_many_changed_objects__lets_others_run) {
    auto all = this->read_all();
    for (auto& reading : all)
        ++reading->value.value;
    EXPECT_LE(this->longest_turn(commit(this->session_)), most_rows);
    EXPECT_FALSE(this->session_.is_modified());
}

TYPED_TEST(session_floods_on, look_for_changes_in_front_of_a_query__lets_others_run) {
    auto all = this->read_all();
    for (auto& reading : all)
        reading->value.value += 0;
    EXPECT_LE(this->longest_turn(count_readings(this->session_)), most_rows);
}

} // namespace session_floods
