// docs/bulk.md: every piece of code in it, run. A piece that is not here as it stands there fails the last test.
#include "support/page_snippets.hpp"
#include "support/postgres_server.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/pool/pool.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <vector>

namespace {

struct person {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> email{};
};

std::vector<person> some_people(std::int64_t first) {
    return {{first, "Ann", "ann@example.org"}, {first + 1, "Bob", std::nullopt}};
}

class bulk_page : public testing::Test {
protected:
    bulk_page() {
        conn.execute("CREATE TABLE people(id int8 PRIMARY KEY, name text, email text)");
        conn.execute("CREATE TABLE orders(id serial, item text, amount int4)");
    }
    void SetUp() override { testing::internal::CaptureStdout(); }
    void TearDown() override { printed = testing::internal::GetCapturedStdout(); }
    [[nodiscard]] std::int64_t count() { return conn.query<std::int64_t>("SELECT count(*) FROM people").one(); }

    wharf::test::database database;
    wharf::pool pool{database.url()};
    wharf::connection conn = pool.acquire();
    std::string printed{};
};

TEST_F(bulk_page, copy_in) {
    const auto people = some_people(1);
    const auto more_people = some_people(3);
    const auto as_pair = [](int i) { return std::pair(i, std::to_string(i)); };
    // clang-format off
conn.copy_in("people", people);
conn.copy_in("public.people", {"id", "name"}, std::views::iota(10, 20) | std::views::transform(as_pair));
auto in = conn.open_copy_in<person>("people");
for (const auto& row : more_people)
    in.write(row);
auto copied = in.finish().rows;
    // clang-format on
    EXPECT_EQ(copied, 2U);
    EXPECT_EQ(count(), 14);
}

TEST_F(bulk_page, progress) {
    const auto people = some_people(1);
    // clang-format off
wharf::copy_progress progress;
conn.copy_in("people", people, {}, &progress);
std::cout << progress.rows() << " rows, " << progress.bytes() << " bytes\n";
    // clang-format on
    EXPECT_EQ(progress.rows(), 2U);
}

TEST_F(bulk_page, text) {
    int blocks = 0;
    const auto read_next_block = [&blocks]() -> std::string {
        ++blocks;
        if (blocks == 1) return "id,name,email\n3,C";
        return blocks == 2 ? "id,\n" : "";
    };
    // clang-format off
conn.copy_in_text("COPY people FROM STDIN (FORMAT csv)", "1,Ann,ann@example.org\n2,Bob,\n");
conn.copy_in_text("COPY people FROM STDIN (FORMAT csv, HEADER)", read_next_block);
    // clang-format on
    EXPECT_EQ(count(), 3);
}

TEST_F(bulk_page, copy_out) {
    conn.copy_in("people", some_people(1));
    std::vector<person> found;
    std::string csv;
    // clang-format off
for (auto& [id, name] : conn.copy_out<std::int64_t, std::string_view>("SELECT id, name FROM people"))
    std::cout << id << ' ' << name << '\n';
conn.copy_out<person>("people").for_each([&](const person& row) { found.push_back(row); });
conn.copy_out_text("COPY people TO STDOUT (FORMAT csv)", [&](std::string_view piece) { csv.append(piece); });
    // clang-format on
    EXPECT_EQ(found.size(), 2U);
    EXPECT_EQ(csv, "1,Ann,ann@example.org\n2,Bob,\n");
}

/// Stands for the async mode, whose calls return ops.
struct in_ops {
    template <class T>
    using result = wharf::io::op<T>;
    template <class T>
    static wharf::io::op<T> run(wharf::io::background&, wharf::io::op<T> work, const wharf::call_options& = {}) {
        return work;
    }
};

wharf::io::op<void> read_batches(wharf::basic_connection<in_ops>& conn, std::vector<person>& found) {
    // clang-format off
auto out = conn.copy_out<person>("people");
for (auto batch = co_await out.next_batch(); batch; batch = co_await out.next_batch())
    for (auto& row : batch)
        found.push_back(row);
    // clang-format on
}

TEST_F(bulk_page, batches) {
    conn.copy_in("people", some_people(1));
    conn.release();
    wharf::basic_connection<in_ops> other(wharf::io::run(pool.core().acquire()));
    std::vector<person> found;
    wharf::io::run(read_batches(other, found));
    EXPECT_EQ(found.size(), 2U);
}

TEST_F(bulk_page, insert_many) {
    const auto people = some_people(1);
    const std::vector<std::pair<std::string, int>> orders{{"tea", 1}, {"cake", 2}};
    // clang-format off
conn.insert_many("people", people);
conn.insert_many("people", {"id", "name"}, std::vector<std::pair<int, std::string>>{{100, "Cid"}, {101, "Dora"}});
auto ids = conn.insert_many_returning<std::int64_t>("orders", {"item", "amount"}, orders, {"id"});
    // clang-format on
    EXPECT_EQ(count(), 4);
    EXPECT_EQ(ids, (std::vector<std::int64_t>{1, 2}));
}

TEST_F(bulk_page, execute_many) {
    const auto people = some_people(1);
    conn.insert_many("people", people);
    // clang-format off
std::vector<std::pair<std::string, std::int64_t>> renames{{"Anna", 1}, {"Rob", 2}};
auto changed = conn.execute_many("UPDATE people SET name = $1 WHERE id = $2", renames).rows;
conn.execute_many("DELETE FROM people WHERE id = $1", std::vector<std::int64_t>{10, 11, 12});
try {
    conn.execute_many("INSERT INTO people VALUES ($1, $2, $3)", people);
} catch (const wharf::unique_violation& error) {
    std::cout << error.fields().element << '\n';
}
    // clang-format on
    EXPECT_EQ(changed, 2U);
}

TEST(bulk_page_itself, holds_no_code_that_is_not_run_here) {
    EXPECT_EQ(wharf::test::find_snippets(WHARF_BULK_PAGE, WHARF_BULK_PAGE_TEST), 13U);
}

} // namespace
