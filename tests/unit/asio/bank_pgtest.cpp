// The bank: tasks move money between accounts, reading and writing back under serializable isolation, with retries and
// random rollbacks, through a pool smaller than their number. The sum stays what it was.
#include "support/backends.hpp"
#include "unit/asio/models.hpp"
#include "wharf/asio/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <utility>

namespace {

namespace asio = boost::asio;
using async_models::Account;

constexpr int tasks = 8;
constexpr int accounts = 100;
constexpr std::int64_t start_balance = 1000;

struct tally {
    int committed{0};
    int rolled_back{0};
    int retried{0};
};

/// The long suite asks for 1,250: 10,000 in all.
int transfers_of_each_task() {
    const auto* const asked = std::getenv("WHARF_TEST_TRANSFERS");
    return asked != nullptr ? std::atoi(asked) : 200;
}

asio::awaitable<void> move_money(wharf::async_session_factory& make_session, unsigned seed, int transfers,
                                 tally& counted) {
    auto session = make_session();
    std::mt19937 random(seed);
    std::uniform_int_distribution<std::int64_t> account(1, accounts);
    std::uniform_int_distribution<std::int64_t> amount(1, 50);
    for (int i = 0; i < transfers; ++i) {
        const auto from_id = account(random);
        const auto to_id = from_id % accounts + 1;
        const auto sum = amount(random);
        const bool gives_up = random() % 10 == 0;
        wharf::async_retry retry{session, {.attempts = 1000, .first_delay = std::chrono::milliseconds(1)}};
        while (co_await retry.next()) {
            try {
                session.close(); // fresh values, not those of the last transaction
                auto tx = session.begin({.isolation = wharf::isolation::serializable, .immediate = true});
                auto from = co_await session.get_one<Account>(from_id);
                auto to = co_await session.get_one<Account>(to_id);
                from->balance -= sum;
                to->balance += sum;
                if (gives_up) {
                    if (random() % 2 == 0) co_await session.flush();
                    co_await tx.rollback();
                    ++counted.rolled_back;
                } else {
                    co_await tx.commit();
                    ++counted.committed;
                }
                retry.done();
            } catch (const wharf::error& e) {
                ++counted.retried;
                retry.failed(e);
            }
        }
    }
}

asio::awaitable<void> open_accounts(wharf::async_engine& engine) {
    co_await wharf::create_tables<Account>(engine);
    wharf::async_session session{engine};
    for (std::int64_t id = 1; id <= accounts; ++id)
        session.add(Account{.id = id, .balance = start_balance});
    co_await session.commit();
}

asio::awaitable<void> check_sum(wharf::async_engine& engine) {
    wharf::async_session session{engine};
    auto sums = co_await session.query_sql<std::int64_t>("SELECT CAST(sum(balance) AS bigint) FROM accounts");
    EXPECT_EQ(std::move(sums).one(), accounts * start_balance);
}

template <class Backend>
class bank_on : public testing::Test {};
TYPED_TEST_SUITE(bank_on, wharf::test::backends);

TYPED_TEST(bank_on, keeps_its_sum) {
    const TypeParam backend;
    asio::io_context context;
    wharf::async_engine engine{context.get_executor(), backend.url(), {.pool_size = 4}};
    wharf::async_session_factory make_session{engine};
    std::exception_ptr failed;
    const auto on_end = [&](std::exception_ptr error) {
        if (error) failed = error;
    };
    const auto run = [&] {
        context.restart();
        context.run();
        if (failed) std::rethrow_exception(failed);
    };
    asio::co_spawn(context, open_accounts(engine), on_end);
    run();
    tally counted;
    const int transfers = transfers_of_each_task();
    for (int task = 0; task < tasks; ++task)
        asio::co_spawn(context, move_money(make_session, static_cast<unsigned>(task), transfers, counted), on_end);
    run();
    EXPECT_EQ(counted.committed + counted.rolled_back, tasks * transfers);
    EXPECT_GT(counted.rolled_back, 0);
    EXPECT_LE(engine.stats().total(), 4U);
    asio::co_spawn(context, check_sum(engine), on_end);
    run();
    std::printf("committed %d, rolled back %d, tried again %d\n", counted.committed, counted.rolled_back,
                counted.retried);
}

} // namespace
