// Four threads doing everything at random, on a poll loop, over a database where everything fails now and then.
#include "unit/pool/stub_database.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/pool/pool.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using wharf::lease;
using wharf::test::stub_database;

class borrower {
public:
    borrower(wharf::pool& pool, unsigned seed) : pool_(pool), random_(seed) {}

    void act() {
        try {
            switch (random_() % 8) {
            case 0:
                return acquire_and_hold();
            case 1:
                return abandon_a_transaction();
            case 2:
                return give_up_half_way();
            case 3:
                return be_cancelled();
            case 4:
                return break_it();
            case 5:
                return hand_to_another_thread();
            default:
                return run_a_statement();
            }
        } catch (const wharf::error&) {
            ++failures;
        }
    }
    int failures{0};
    int served{0};

private:
    wharf::connection acquire() {
        auto conn = pool_.acquire({std::chrono::microseconds(random_() % 20'000)});
        ++served;
        return conn;
    }
    void acquire_and_hold() {
        auto conn = acquire();
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 500));
    }
    void run_a_statement() {
        auto conn = acquire();
        conn.execute("SELECT", wharf::call_options(20ms));
    }
    void abandon_a_transaction() {
        auto conn = acquire();
        auto tx = conn.begin();
        conn.execute("INSERT", wharf::call_options(20ms));
        if (random_() % 2 == 0) tx.commit({20ms});
    }
    void give_up_half_way() {
        wharf::io::outcome<lease> out;
        wharf::io::task running(wharf::io::detail::blocking_surroundings());
        pool_.core().acquire().start_on(running, out);
        if (running.pump()) static_cast<void>(out.take());
    }
    void be_cancelled() {
        std::stop_source source;
        std::jthread stopper([&source, delay = random_() % 1000] {
            std::this_thread::sleep_for(std::chrono::microseconds(delay));
            source.request_stop();
        });
        auto conn = pool_.acquire({source.get_token()});
        ++served;
    }
    void break_it() {
        auto conn = acquire();
        dynamic_cast<wharf::test::stub_driver&>(conn.core().underlying()).break_it();
    }
    void hand_to_another_thread() {
        std::jthread([conn = acquire()]() mutable { conn.release(); });
    }

    wharf::pool& pool_;
    std::minstd_rand random_;
};

class pool_stress : public testing::TestWithParam<wharf::pool_fairness> {};

TEST_P(pool_stress, threads_do_everything_at_random__nothing_is_lost) {
    auto database = std::make_shared<stub_database>(wharf::system_time());
    database->chaos = true;
    {
        wharf::pool pool(database, [] { return wharf::blocking::make_background(); },
                         {.min_size = 1,
                          .max_size = 3,
                          .max_overflow = 1,
                          .connect_timeout = 20ms,
                          .idle_timeout = 5ms,
                          .max_lifetime = 50ms,
                          .fairness = GetParam(),
                          .validate_after_idle = 1ms,
                          .ping_timeout = 10ms,
                          .clean_up_timeout = 10ms,
                          .close_timeout = 10ms});
        std::vector<std::jthread> threads;
        std::atomic<int> served{0};
        for (unsigned number = 1; number <= 4; ++number) {
            threads.emplace_back([&pool, &served, number] {
                borrower one(pool, number);
                for (int i = 0; i < 400; ++i)
                    one.act();
                served += one.served;
            });
        }
        for (int i = 0; i < 200; ++i) {
            const auto now = pool.stats();
            EXPECT_EQ(now.opened - now.closed.total(), now.idle + now.lent + now.cleaning + now.closing);
            EXPECT_LE(now.total(), now.limit);
            if (GetParam() == wharf::pool_fairness::fifo) {
                EXPECT_TRUE(now.idle == 0 || now.waiting == 0);
            }
            std::this_thread::sleep_for(1ms);
        }
        threads.clear();
        EXPECT_GT(served, 400);
        EXPECT_EQ(pool.stats().lent, 0U);
        pool.close();
        for (int i = 0; i < 100 && pool.stats().total() != 0; ++i)
            std::this_thread::sleep_for(1ms); // connects that were under way
        const auto end = pool.stats();
        EXPECT_EQ(end.total(), 0U);
        EXPECT_EQ(end.opened, end.closed.total());
    }
    EXPECT_EQ(database->open, 0);
    EXPECT_LE(database->peak_open, 4);
}

INSTANTIATE_TEST_SUITE_P(both, pool_stress,
                         testing::Values(wharf::pool_fairness::throughput, wharf::pool_fairness::fifo),
                         [](const auto& each) {
                             return each.param == wharf::pool_fairness::fifo ? "fifo" : "throughput";
                         });

} // namespace
