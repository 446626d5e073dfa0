// An op destroyed at each of its waits in turn: connecting, TLS, acquiring, writing, reading, committing, an offloaded
// SQLite step. Whatever the moment, the pool's counts balance, nothing leaks, and the next borrower is served.
#include "support/abandon.hpp"
#include "support/backends.hpp"
#include "support/held_table.hpp"
#include "wharf/connection/batch.hpp"
#include "wharf/open/open_connector.hpp"
#include "wharf/pool/pool.hpp"
#include "wharf/row/rows.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

class on_tls {
public:
    [[nodiscard]] std::string url() const { return database_.tls_url(); }

private:
    wharf::test::database database_{};
};

template <class Backend>
class destruction : public testing::Test {
protected:
    Backend database;
};
using everywhere = testing::Types<wharf::test::on_sqlite, wharf::test::on_postgres, on_tls>;
TYPED_TEST_SUITE(destruction, everywhere);

wharf::io::op<void> connect_and_close(wharf::connector& to) {
    const auto opened = co_await to.connect();
    co_await opened->close();
}

TYPED_TEST(destruction, while_connecting_or_closing__leaves_no_descriptor) {
    const auto connector = wharf::open_connector(wharf::database_url(this->database.url()));
    wharf::io::run(connect_and_close(*connector)); // whatever stays open once, stays
    const auto before = open_descriptors();
    std::size_t wait = 0;
    while (wharf::test::abandon_at_wait(wait, connect_and_close(*connector)))
        ++wait;
    EXPECT_GT(wait, 0U);
    EXPECT_EQ(open_descriptors(), before);
}

wharf::io::op<void> use(wharf::pool_core& pool) {
    auto lent = pool.try_acquire_now();
    if (!lent) lent = co_await pool.acquire();
    auto& connection = lent.core();
    connection.begin();
    const std::string insert("INSERT INTO kept (number) VALUES (1)");
    const std::string count("SELECT count(*) FROM kept");
    co_await connection.run_one(insert, wharf::parameters());
    const auto counted = co_await connection.run_one(count, wharf::parameters());
    EXPECT_EQ(counted.size(), 1U);
    co_await connection.commit();
}

void wait_until_settled(wharf::pool_core& pool) {
    for (int i = 0; i < 2000; ++i) {
        const auto now = pool.stats();
        if (now.connecting + now.closing + now.cleaning + now.lent == 0) return;
        std::this_thread::sleep_for(5ms);
    }
}

TYPED_TEST(destruction, while_using_a_pooled_connection__balances_the_counts) {
    wharf::pool pool(this->database.url(), {.max_size = 2});
    pool.acquire().execute("CREATE TABLE kept (number INTEGER)");
    auto& core = pool.core();

    // How often it waits depends on how soon the answers come, so the later rounds may end undisturbed. The first has a
    // wait for certain.
    constexpr std::size_t rounds = 12;
    std::size_t destroyed = 0;
    std::int64_t committed = 0;
    for (std::size_t wait = 0; wait < rounds; ++wait) {
        std::optional<wharf::test::held_table> held;
        if (wait == 0) held.emplace(this->database.url(), "kept");
        if (wharf::test::abandon_at_wait(wait, use(core))) ++destroyed;
        held.reset();
        wait_until_settled(core);
        const auto stats = core.stats();
        EXPECT_EQ(stats.lent, 0U) << "at wait " << wait;
        EXPECT_EQ(stats.waiting, 0U) << "at wait " << wait;
        EXPECT_EQ(stats.opened - stats.closed.total(), stats.total() - stats.connecting) << "at wait " << wait;
        EXPECT_LE(stats.total(), 2U);
        // The next one is served, and sees all or nothing of what was abandoned.
        const auto seen = pool.acquire().template query<std::int64_t>("SELECT count(*) FROM kept").one();
        EXPECT_GE(seen, committed);
        EXPECT_LE(seen, committed + 1);
        committed = seen;
    }
    EXPECT_GT(destroyed, 0U) << "there were waits to be destroyed at";
    EXPECT_GT(committed, 0) << "there were rounds that ended undisturbed";
}

TYPED_TEST(destruction, while_waiting_in_line__leaves_the_line) {
    wharf::pool pool(this->database.url(), {.min_size = 1, .max_size = 1});
    auto holder = pool.acquire();
    EXPECT_TRUE(wharf::test::abandon_at_wait(0, use(pool.core())));
    EXPECT_EQ(pool.stats().waiting, 0U);
    EXPECT_EQ(pool.stats().cancelled, 1U);
    holder.release();
    EXPECT_EQ(pool.acquire().template query<int>("SELECT 1").one(), 1);
}

} // namespace
