// docs/pool.md: every piece of code in it, run. A piece that is not here as it stands there fails the last test.
#include "support/page_snippets.hpp"
#include "support/postgres_server.hpp"
#include "unit/sqlite/fixture.hpp"
#include "wharf/base/error.hpp"
#include "wharf/pool/pool.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <string>

namespace {

using namespace std::chrono_literals;

class pool_page : public wharf::testing::sqlite_file {
protected:
    void SetUp() override { testing::internal::CaptureStdout(); }
    void TearDown() override {
        const auto printed = testing::internal::GetCapturedStdout();
        EXPECT_THAT(printed, testing::HasSubstr(expected));
    }
    std::string expected{};
};

TEST_F(pool_page, acquire) {
    const auto url = this->url();
    wharf::pool(url).acquire().execute("CREATE TABLE visits(at TEXT)");
    // clang-format off
wharf::pool pool{url, {.min_size = 1, .max_size = 4, .acquire_timeout = 5s}};
pool.open(); // optional: opens min_size connections, at least one, and reports what is wrong
{
    auto conn = pool.acquire();
    conn.execute("INSERT INTO visits VALUES (CURRENT_TIMESTAMP)");
} // given back here, from any thread, without waiting
    // clang-format on
    EXPECT_EQ(pool.stats().idle, 1U);
}

struct out_of_boxes {};

[[noreturn]] void ship(const char*) {
    throw out_of_boxes();
}

TEST_F(pool_page, transaction_left) {
    wharf::pool pool{url()};
    auto conn = pool.acquire();
    conn.execute("CREATE TABLE stock(item TEXT, amount INTEGER)");
    conn.execute("INSERT INTO stock VALUES ('tea', 2)");
    // clang-format off
try {
    auto tx = conn.begin();
    conn.execute("UPDATE stock SET amount = amount - 1 WHERE item = $1", "tea");
    ship("tea"); // throws
    tx.commit();
} catch (const out_of_boxes&) {
    // the row is free for others already
}
    // clang-format on
    const wharf::call_options soon(1s);
    EXPECT_EQ(pool.acquire().execute("UPDATE stock SET amount = amount + 1", soon).rows, 1U);
    EXPECT_EQ(conn.query<int>("SELECT amount FROM stock").one(), 3);
}

TEST_F(pool_page, fork) {
    const wharf::test::database database;
    const auto url = database.url();
    wharf::pool pool{url};
    pool.acquire().execute("CREATE TABLE visits(at text)");
    // clang-format off
const auto child = ::fork();
if (child == 0) {
    wharf::pool own{url};
    own.acquire().execute("INSERT INTO visits VALUES ('the child')");
    ::_exit(0);
}
    // clang-format on
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(pool.acquire().query<std::string>("SELECT at FROM visits").one(), "the child");
}

TEST_F(pool_page, timeout) {
    wharf::pool pool{url(), {.min_size = 1, .max_size = 1}};
    const auto held = pool.acquire();
    // clang-format off
try {
    auto conn = pool.acquire(wharf::call_options(100ms));
} catch (const wharf::acquire_timeout& error) {
    std::cout << error.what() << '\n';
}
    // clang-format on
    expected = "no connection became free within 1";
}

TEST_F(pool_page, close) {
    wharf::pool pool{url(), {.min_size = 1, .max_size = 1, .close_timeout = 10ms}};
    auto held = pool.acquire();
    // clang-format off
try {
    pool.close();
} catch (const wharf::timed_out& error) {
    std::cout << error.what() << '\n';
}
    // clang-format on
    expected = "closing the pool waited in vain for 1 connection, which has been terminated";
    EXPECT_THROW(held.execute("SELECT 1"), wharf::error);
}

TEST(pool_page_itself, holds_no_code_that_is_not_run_here) {
    EXPECT_EQ(wharf::test::find_snippets(WHARF_POOL_PAGE, WHARF_POOL_PAGE_TEST), 5U);
}

} // namespace
