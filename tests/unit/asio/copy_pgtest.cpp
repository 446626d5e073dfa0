// COPY in coroutines: natural use in co_await expressions, and coroutines that are given up half-way.
#include "support/postgres_server.hpp"
#include "support/run_async.hpp"
#include "wharf/asio/pool.hpp"
#include "wharf/base/database_error.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <ranges>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

struct person {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> email{};

    bool operator==(const person&) const = default;
};

std::vector<person> people(std::int64_t count) {
    std::vector<person> out;
    for (std::int64_t id = 1; id <= count; ++id)
        out.push_back({id, "name " + std::to_string(id), "a text that no small string holds"});
    return out;
}

class async_copy : public testing::Test {
protected:
    async_copy() { database.execute("CREATE TABLE people(id int8 PRIMARY KEY, name text NOT NULL, email text)"); }

    // `steps` gets a connection.
    template <class Steps>
    void run(Steps steps) {
        wharf::test::run_async(context, with_connection(std::move(steps)));
    }
    template <class Steps>
    asio::awaitable<void> with_connection(Steps steps) {
        auto conn = co_await pool.acquire();
        co_await steps(conn);
    }
    [[nodiscard]] std::string count() const { return database.value("SELECT count(*) FROM people"); }

    wharf::test::database database;
    asio::io_context context;
    wharf::async_pool pool{context.get_executor(), database.url(), {.max_size = 2}};
};

asio::awaitable<void> all_ways_in(wharf::async_connection& conn) {
    const auto rows = people(3000);
    EXPECT_EQ((co_await conn.copy_in("people", rows)).rows, 3000U);
    co_await conn.execute("TRUNCATE people");
    EXPECT_EQ((co_await conn.copy_in("people", people(3000))).rows, 3000U);
    co_await conn.execute("TRUNCATE people");
    const wharf::column_list by_name("name", "id");
    const auto lazy = std::views::iota(1, 10'001) |
                      std::views::transform([](int i) { return std::pair("a name that is long enough", i); });
    EXPECT_EQ((co_await conn.copy_in("people", by_name, lazy)).rows, 10'000U);
    co_await conn.execute("TRUNCATE people");
    const wharf::column_list all("id", "name", "email");
    auto in = co_await conn.open_copy_in<person>("people", all);
    for (const auto& row : rows)
        co_await in.write(row);
    EXPECT_EQ((co_await in.finish()).rows, 3000U);
    co_await conn.execute("TRUNCATE people");
    EXPECT_EQ((co_await conn.copy_in_text("COPY people FROM STDIN (FORMAT csv)", std::string("1,Ann,\n"))).rows, 1U);
}

TEST_F(async_copy, every_way_in__is_safe_in_a_co_await_expression) {
    run(all_ways_in);
    EXPECT_EQ(count(), "1");
}

asio::awaitable<void> all_ways_out(wharf::async_connection& conn) {
    const auto rows = people(3000);
    co_await conn.copy_in("people", rows);
    std::vector<person> found;
    auto out = conn.copy_out<person>("people");
    for (auto batch = co_await out.next_batch(); batch; batch = co_await out.next_batch())
        for (auto& row : batch)
            found.push_back(row);
    EXPECT_EQ(found, rows);
    std::size_t letters = 0;
    auto names = conn.copy_out<std::string_view>("SELECT name FROM people");
    const auto count_letters = [&letters](std::string_view name) { letters += name.size(); };
    const auto read = co_await names.for_each(count_letters);
    EXPECT_EQ(read, 3000U);
    EXPECT_GT(letters, 20'000U);
    std::string csv;
    const auto keep = [&csv](std::string_view piece) { csv += piece; };
    co_await conn.copy_out_text("COPY (SELECT 1, 'x') TO STDOUT (FORMAT csv)", keep);
    EXPECT_EQ(csv, "1,x\n");
}

TEST_F(async_copy, every_way_out__gives_the_rows) {
    run(all_ways_out);
}

asio::awaitable<void> many(wharf::async_connection& conn) {
    EXPECT_EQ((co_await conn.insert_many("people", people(5000))).rows, 5000U);
    const std::vector<std::int64_t> ids(1, 7);
    EXPECT_EQ((co_await conn.execute_many("DELETE FROM people WHERE id = $1", ids)).rows, 1U);
    const wharf::column_list given("id", "name");
    const wharf::column_list wanted("id");
    const std::vector<std::pair<int, std::string>> more(1, std::pair(7, std::string("Ann")));
    const auto keys = co_await conn.insert_many_returning<std::int64_t>("people", given, more, wanted);
    EXPECT_EQ(keys, ids);
}

TEST_F(async_copy, execute_many_and_insert_many__are_the_same_in_coroutines) {
    run(many);
    EXPECT_EQ(count(), "5000");
}

asio::awaitable<void> errors(wharf::async_connection& conn) {
    auto rows = people(50'000);
    rows.back().id = 1;
    bool refused = false;
    try {
        co_await conn.copy_in("people", rows);
    } catch (const wharf::unique_violation&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ((co_await conn.query<int>("SELECT 1")).one(), 1);
}

TEST_F(async_copy, error_of_the_server__comes_through_and_the_connection_goes_on) {
    run(errors);
    EXPECT_EQ(count(), "0");
}

asio::awaitable<void> copy_for_ever(wharf::async_pool& pool, int& sent) {
    auto conn = co_await pool.acquire();
    auto in = co_await conn.open_copy_in<person>("people");
    person row;
    for (;; ++sent) {
        ++row.id;
        co_await in.write(row);
    }
}

asio::awaitable<void> read_for_ever(wharf::async_pool& pool, int& read) {
    auto conn = co_await pool.acquire();
    auto out = conn.copy_out<std::int64_t>("SELECT generate_series(1, 100000000)::int8");
    while (co_await out.next_batch())
        ++read;
}

TEST_F(async_copy, coroutine_is_cancelled_half_way__the_slot_comes_back_and_no_row_is_in) {
    for (const auto work : {copy_for_ever, read_for_ever}) {
        int steps = 0;
        bool ended = false;
        asio::cancellation_signal stop;
        asio::co_spawn(context, work(pool, steps),
                       asio::bind_cancellation_slot(stop.slot(), [&ended](std::exception_ptr error) {
                           ended = true;
                           EXPECT_TRUE(error);
                       }));
        while (steps < 100)
            context.run_one();
        stop.emit(asio::cancellation_type::terminal);
        context.run();
        context.restart();
        EXPECT_TRUE(ended);
        EXPECT_EQ(pool.stats().lent, 0U);
    }
    run(errors);
    EXPECT_EQ(count(), "0");
}

TEST_F(async_copy, context_ends_half_way__the_server_has_no_row_and_no_connection) {
    for (const auto work : {copy_for_ever, read_for_ever}) {
        int steps = 0;
        {
            asio::io_context short_lived;
            wharf::async_pool pool_there{short_lived.get_executor(), database.url(), {.max_size = 1}};
            asio::co_spawn(short_lived, work(pool_there, steps), [](std::exception_ptr) { FAIL(); });
            while (steps < 100)
                short_lived.run_one();
        }
        for (int i = 0; i < 500 && database.connections() != 0; ++i)
            std::this_thread::sleep_for(10ms);
        EXPECT_EQ(database.connections(), 0);
        EXPECT_EQ(count(), "0");
    }
}

} // namespace
