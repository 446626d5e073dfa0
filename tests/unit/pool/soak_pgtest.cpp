// All that a pool's connections can do, by chance, in many threads, with deadlines that pass and backends that are
// ended: what was told must be true afterwards, and nothing may be left behind. WHARF_TEST_SOAK: how many works.
#include "support/chances.hpp"
#include "support/connection_watch.hpp"
#include "support/soak_ledger.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/pool/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using wharf::test::outcome;

constexpr int threads = 6;
constexpr std::size_t largest_pool = 4;

// No row where a setting of an earlier borrower is seen.
constexpr auto ask_query =
    "SELECT $1::int8 FROM pg_sleep($2) WHERE coalesce(current_setting('soak.owner', true), '') = ''";

// What a connection may not have when it comes out of the pool.
constexpr auto leak_query =
    "SELECT (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'), "
    "(SELECT count(*) FROM pg_cursors WHERE name <> ''), "
    "(SELECT count(*) FROM pg_prepared_statements WHERE from_sql), "
    "(SELECT count(*) FROM pg_prepared_statements), "
    "(SELECT count(*) FROM pg_listening_channels())";

class soak_pgtest : public testing::TestWithParam<wharf::cancellation> {
protected:
    void play(wharf::pool& pool, int number) {
        std::minstd_rand random(static_cast<unsigned>(number));
        for (std::int64_t nonce = number; done_++ < wanted_; nonce += threads) {
            try {
                auto conn = pool.acquire();
                work(conn, nonce, random);
            } catch (const std::exception& unexpected) {
                ADD_FAILURE() << unexpected.what();
            }
        }
    }

    void work(wharf::connection& conn, std::int64_t nonce, std::minstd_rand& random) {
        const bool hurried = random() % 3 == 0;
        const wharf::call_options limit(hurried ? wharf::duration(std::chrono::microseconds(random() % 4000)) : 60s);
        const bool first_way = random() % 2 == 0;
        switch (random() % 8) {
        case 0:
            (void)attempt([&] { stream(conn, nonce, limit, first_way); });
            break;
        case 1:
            (void)attempt([&] { copy_out(conn, nonce, limit, first_way); });
            break;
        case 2:
            ledger_.write_down(nonce, 50, attempt([&] { copy_in(conn, nonce, limit); }, true));
            break;
        case 3:
        case 4: {
            const bool commits = random() % 3 != 0;
            const auto what = attempt([&] { transact(conn, nonce, random, limit, commits); });
            ledger_.write_down(nonce, 1, commits ? what : outcome::gone);
            break;
        }
        case 5:
            (void)attempt([&] { leave_a_mess(conn, nonce, limit, first_way); });
            return;
        default:
            (void)attempt([&] { ask(conn, nonce, static_cast<double>(random() % 3000) / 1e6, limit); });
        }
        if (random() % 20 == 0) wharf::test::terminate_any_backend(database_, elsewhere_);
        if (conn.core().usable() && first_way) {
            (void)attempt([&] { ask(conn, -nonce, 0, wharf::call_options(60s)); });
        }
    }

    template <class Work>
    static outcome attempt(Work work, bool by_itself = false) {
        try {
            work();
            return outcome::kept;
        } catch (...) {
            return wharf::test::outcome_of(std::current_exception(), by_itself);
        }
    }

    static void ask(wharf::connection& conn, std::int64_t nonce, double sleep, const wharf::call_options& limit) {
        EXPECT_EQ(conn.query<std::int64_t>(ask_query, nonce, sleep, limit).one(), nonce);
    }
    static void stream(wharf::connection& conn, std::int64_t nonce, const wharf::call_options& limit, bool half) {
        const wharf::stream_options by{.fetch_size = half ? 100U : 0U};
        auto rows =
            conn.stream<std::int64_t>("SELECT $1::int8 FROM generate_series(1, $2::int8)", nonce, 1000, by, limit);
        int count = 0;
        while (const auto* row = rows.next()) {
            EXPECT_EQ(*row, nonce);
            if (++count == 500 && half) return;
        }
        EXPECT_EQ(count, 1000);
    }
    static void copy_out(wharf::connection& conn, std::int64_t nonce, const wharf::call_options& limit, bool half) {
        auto rows =
            conn.copy_out<std::int64_t>("SELECT " + std::to_string(nonce) + "::int8 FROM generate_series(1, 20000)");
        int count = 0;
        for (auto batch = rows.next_batch(limit); batch; batch = rows.next_batch(limit)) {
            for (const auto& row : batch) {
                EXPECT_EQ(row, nonce);
                ++count;
            }
            if (half) return;
        }
        EXPECT_EQ(count, 20000);
    }
    static void copy_in(wharf::connection& conn, std::int64_t nonce, const wharf::call_options& limit) {
        std::vector<std::pair<std::int64_t, std::int64_t>> entries;
        for (std::int64_t part = 0; part < 50; ++part)
            entries.emplace_back(nonce, part);
        EXPECT_EQ(conn.copy_in("entry", entries, limit).rows, 50U);
    }
    static void transact(wharf::connection& conn, std::int64_t nonce, std::minstd_rand& random,
                         const wharf::call_options& limit, bool commits) {
        const std::int64_t from = 1 + random() % (wharf::test::soak_ledger::accounts - 1);
        auto tx = conn.begin();
        conn.execute("UPDATE account SET amount = amount - $2 WHERE id = $1", from, nonce, limit);
        conn.execute("UPDATE account SET amount = amount + $2 WHERE id = $1", from + 1, nonce, limit);
        conn.execute("INSERT INTO entry VALUES ($1, 0)", nonce, limit);
        if (commits)
            tx.commit(limit);
        else if (random() % 2 == 0)
            fail(conn, nonce);
    }
    static void fail(wharf::connection& conn, std::int64_t nonce) {
        try {
            conn.execute("SELECT 1 / ($1::int8 - $1::int8)", nonce);
            ADD_FAILURE() << "divided by zero";
        } catch (const wharf::data_error&) {
        }
    }
    static void leave_a_mess(wharf::connection& conn, std::int64_t nonce, const wharf::call_options& limit,
                             bool in_tx) {
        auto tx = conn.begin();
        if (!in_tx) tx.rollback();
        conn.execute("SELECT set_config('soak.owner', $1::int8::text, false)", nonce, limit);
        conn.execute("SELECT pg_advisory_lock($1)", nonce, limit);
        conn.execute("CREATE TEMPORARY TABLE mess(n int8)", limit);
        conn.execute("LISTEN mess", limit);
        conn.execute("PREPARE mess AS SELECT 1", limit);
        conn.execute("DECLARE mess CURSOR WITH HOLD FOR SELECT 1", limit);
    }

    static bool at_rest(const wharf::pool_stats& now) {
        return now.lent + now.cleaning + now.closing + now.connecting + now.waiting == 0;
    }
    static void wait_for_rest(wharf::pool& pool) {
        for (int i = 0; i < 1000 && !at_rest(pool.stats()); ++i)
            std::this_thread::sleep_for(10ms);
    }
    void expect_nothing_left(wharf::pool& pool) {
        std::vector<wharf::connection> all;
        const auto idle = pool.stats().idle;
        while (all.size() < idle)
            all.push_back(pool.acquire());
        for (auto& conn : all) {
            const auto found =
                conn.query<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(leak_query);
            const auto& [locks, cursors, from_sql, statements, channels] = found[0];
            EXPECT_EQ(locks + cursors + from_sql + channels, 0);
            EXPECT_LT(statements, 40) << "no more than there are texts";
        }
        EXPECT_EQ(database_.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'wharf' AND "
                                  "datname = current_database() AND state <> 'idle'"),
                  "0");
    }

    wharf::test::database database_;
    wharf::test::database elsewhere_; // whose own connections do not count
    wharf::test::soak_ledger ledger_{database_};
    const int wanted_{wharf::test::chances("WHARF_TEST_SOAK", 700)};
    std::atomic<int> done_{0};
};

TEST_P(soak_pgtest, what_was_told_is_true_and_nothing_is_left_behind) {
    wharf::pool pool{database_.url(), {.min_size = 1, .max_size = largest_pool, .cancellation = GetParam()}};
    while (database_.connections() != 0) // of whoever has made the database ready
        std::this_thread::yield();
    wharf::test::connection_watch watch(database_);
    {
        std::vector<std::jthread> all;
        for (int number = 1; number <= threads; ++number)
            all.emplace_back([this, &pool, number] { play(pool, number); });
    }
    EXPECT_LE(watch.most(), static_cast<std::int64_t>(largest_pool));
    wait_for_rest(pool);
    ledger_.expect_truth();
    EXPECT_GT(ledger_.count(outcome::kept), 0);
    EXPECT_GT(ledger_.count(outcome::gone), 0);
    expect_nothing_left(pool);
    wait_for_rest(pool); // what its queries have left is undone in the background
    const auto stats = pool.stats();
    EXPECT_TRUE(at_rest(stats));
    EXPECT_EQ(stats.opened - stats.closed.total(), stats.idle);
    EXPECT_EQ(stats.acquired, stats.released);
    EXPECT_LE(stats.peak_lent, largest_pool);
    EXPECT_EQ(static_cast<std::int64_t>(stats.idle), database_.connections());
    pool.close();
    EXPECT_EQ(pool.stats().total(), 0U);
}

INSTANTIATE_TEST_SUITE_P(both, soak_pgtest,
                         testing::Values(wharf::cancellation::close, wharf::cancellation::cancel_and_drain),
                         [](const auto& each) {
                             return each.param == wharf::cancellation::close ? "close" : "cancel_and_drain";
                         });

} // namespace
