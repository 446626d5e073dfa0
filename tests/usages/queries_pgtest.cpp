// The snippets of docs/queries.md, run on both backends; and that they are these.
#include "support/backends.hpp"
#include "support/page_snippets.hpp"
#include "support/run_async.hpp"
#include "wharf/asio/pool.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace queries {

struct person {
    std::int64_t id{};
    std::string name{};
    std::optional<double> score{};
};

template <class Backend>
class queries : public testing::Test {
protected:
    queries() {
        const std::string key =
            Backend::is_postgres ? "int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY";
        auto conn = pool.acquire();
        conn.execute(wharf::raw_sql("CREATE TABLE people(id " + key + ", name text NOT NULL, score float8)"));
    }

    Backend database{};
    wharf::pool pool{database.url(), {.max_size = 2}};
};
TYPED_TEST_SUITE(queries, wharf::test::backends);

void keep_rows(wharf::pool& pool) {
    auto conn = pool.acquire();
    auto id = conn.query<std::int64_t>("INSERT INTO people(name) VALUES ($1) RETURNING id", "Ann").one();
    for (auto& [key, name] : conn.query<std::int64_t, std::string>("SELECT id, name FROM people"))
        std::cout << key << ' ' << name << '\n';
    std::vector<person> all = conn.query<person>("SELECT id, name, score FROM people ORDER BY id").to_vector();
    auto changed = conn.execute("UPDATE people SET score = $1 WHERE id = $2", 1.5, id).rows;
    EXPECT_EQ(all.size(), 1U);
    EXPECT_EQ(changed, 1U);
}

std::size_t stream_rows(wharf::pool& pool) {
    auto conn = pool.acquire();
    std::size_t letters = 0;
    for (const auto& [key, name] :
         conn.stream<std::int64_t, std::string_view>("SELECT id, name FROM people WHERE id > $1", 0))
        letters += name.size();
    conn.for_each<std::int64_t, std::string_view>("SELECT id, name FROM people",
                                                  [&](std::int64_t, std::string_view name) { letters += name.size(); });
    for (const auto& row :
         conn.stream<person>("SELECT id, name, score FROM people", wharf::stream_options{.fetch_size = 500}))
        if (row.name == "Ann") break;
    return letters;
}

boost::asio::awaitable<void> stream_in_a_coroutine(wharf::async_pool& pool, double& total) {
    wharf::async_connection conn = co_await pool.acquire();
    auto rows = conn.stream<person>("SELECT id, name, score FROM people");
    while (auto* row = co_await rows.next())
        total += row->score.value_or(0);
}

boost::asio::awaitable<void> stream_in_batches(wharf::async_pool& pool, double& total) {
    wharf::async_connection conn = co_await pool.acquire();
    auto rows = conn.stream<person>("SELECT id, name, score FROM people");
    for (auto batch = co_await rows.next_batch(); !batch.empty(); batch = co_await rows.next_batch())
        for (auto& row : batch)
            total += row.score.value_or(0);
}

void run_script(wharf::connection& conn) {
    auto results = conn.script("CREATE TABLE counters(n INTEGER); INSERT INTO counters VALUES (0);"
                               "CREATE TABLE log(line TEXT); SELECT n FROM counters");
    std::cout << results.back().command() << ": " << results.back().rows<int>().one() << '\n';
}

void run_pipeline(wharf::connection& conn) {
    wharf::pipeline batch;
    auto made = batch.query<std::int64_t>("INSERT INTO people(name) VALUES ($1) RETURNING id", "Bob");
    auto counted = batch.execute("UPDATE counters SET n = n + 1");
    batch.sync();
    auto logged = batch.execute("INSERT INTO log(line) VALUES ($1)", "one more");
    conn.run(batch);
    std::cout << made.rows().one() << ' ' << counted.affected() << ' ' << logged.affected() << '\n';
    conn.try_run(batch);
    if (logged.skipped()) std::rethrow_exception(logged.error());
    EXPECT_EQ(conn.query<int>("SELECT n FROM counters").one(), 2);
}

TYPED_TEST(queries, snippets_run) {
    keep_rows(this->pool);
    EXPECT_EQ(stream_rows(this->pool), 6U);
    auto conn = this->pool.acquire();
    run_script(conn);
    run_pipeline(conn);
    double total = 0;
    boost::asio::io_context context;
    wharf::async_pool async_pool{context.get_executor(), this->database.url()};
    wharf::test::run_async(context, stream_in_a_coroutine(async_pool, total));
    wharf::test::run_async(context, stream_in_batches(async_pool, total));
    EXPECT_EQ(total, 3);
}

TEST(queries_page, snippets_are_those_that_are_compiled_here) {
    EXPECT_EQ(wharf::test::find_snippets(WHARF_DOCS "/queries.md", WHARF_DOCS "/../tests/usages/queries_pgtest.cpp"),
              11U);
}

} // namespace queries
