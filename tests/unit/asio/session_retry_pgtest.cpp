// Work that is tried again in coroutines, and transactions that believe nothing that was read before them.
#include "support/backends.hpp"
#include "unit/asio/models.hpp"
#include "unit/asio/run_to_end.hpp"
#include "wharf/asio/session.hpp"

#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace async_models;

asio::awaitable<void> make_accounts(wharf::async_engine& engine) {
    co_await wharf::create_tables<Account>(engine);
    wharf::async_session session(engine);
    session.add(Account{.id = 1});
    co_await session.commit();
}
asio::awaitable<void> add_elsewhere(wharf::async_engine& engine, std::int64_t sum) {
    wharf::async_session other(engine);
    co_await other.execute("UPDATE accounts SET balance = balance + $1", sum);
    co_await other.commit();
}
asio::awaitable<std::int64_t> committed_balance(wharf::async_engine& engine) {
    wharf::async_session other(engine);
    auto found = co_await other.query_sql<std::int64_t>("SELECT balance FROM accounts");
    co_return std::move(found).one();
}

template <class Backend>
class async_retry_on : public testing::Test {
protected:
    async_retry_on() { run(make_accounts(engine_)); }
    void run(asio::awaitable<void> work) { wharf::test::run_to_end(context_, std::move(work)); }

    Backend backend_{};
    asio::io_context context_{};
    wharf::async_engine engine_{context_.get_executor(), backend_.url(), {.pool_size = 3}};
};
TYPED_TEST_SUITE(async_retry_on, wharf::test::backends);

constexpr wharf::retry_options at_once{.attempts = 5, .first_delay = std::chrono::milliseconds(1)};

asio::awaitable<void> adds_to_what_others_committed(wharf::async_engine& engine) {
    wharf::async_session session(engine);
    auto account = co_await session.get_one<Account>(1);
    co_await session.commit();
    wharf::async_retry retry{session, at_once};
    while (co_await retry.next()) {
        try {
            auto tx = session.begin();
            account = co_await session.get_one<Account>(1);
            if (retry.attempt() == 1) co_await add_elsewhere(engine, 100);
            account->balance += 1;
            co_await tx.commit();
            retry.done();
        } catch (const wharf::error& failed) {
            retry.failed(failed);
        }
    }
    EXPECT_EQ(retry.attempt(), 2);
    const auto balance = co_await committed_balance(engine);
    EXPECT_EQ(balance, 101);
}
TYPED_TEST(async_retry_on, repeated_work_adds_to_what_others_have_committed_meanwhile) {
    this->run(adds_to_what_others_committed(this->engine_));
}

asio::awaitable<void> forgets_to_tell(wharf::async_engine& engine, int attempts, bool fails) {
    wharf::async_session session(engine);
    auto options = at_once;
    options.attempts = attempts;
    wharf::async_retry retry{session, options};
    int tries = 0;
    std::string said;
    try {
        while (co_await retry.next()) {
            ++tries;
            auto account = co_await session.get_one<Account>(1);
            account->balance += 1;
            try {
                if (fails) throw wharf::serialization_failure(wharf::diagnostic{.sqlstate = "40001"});
                co_await session.commit();
            } catch (const wharf::error&) {
            }
        }
    } catch (const wharf::usage_error& refused) {
        said = refused.what();
    }
    EXPECT_EQ(tries, 1);
    EXPECT_THAT(said, testing::HasSubstr("without done() or failed()"));
    const auto balance = co_await committed_balance(engine);
    EXPECT_EQ(balance, fails ? 0 : 1);
}
TYPED_TEST(async_retry_on, try_that_was_committed_and_not_told_is_not_done_again) {
    this->run(forgets_to_tell(this->engine_, 5, false));
}
TYPED_TEST(async_retry_on, last_try_that_has_failed_and_was_not_told_is_no_success) {
    this->run(forgets_to_tell(this->engine_, 1, true));
}

asio::awaitable<void> refuses_to_begin_with_changes(wharf::async_engine& engine) {
    wharf::async_session session(engine);
    session.add(Account{.id = 2});
    wharf::async_retry retry{session, at_once};
    bool refused = false;
    try {
        static_cast<void>(co_await retry.next());
    } catch (const wharf::usage_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
    co_await session.commit();
    wharf::async_retry again{session, at_once};
    const bool begun = co_await again.next();
    EXPECT_TRUE(begun);
    again.done();
}
TYPED_TEST(async_retry_on, refuses_to_begin_with_changes_that_a_rollback_would_lose) {
    this->run(refuses_to_begin_with_changes(this->engine_));
}

asio::awaitable<void> strict_transaction_reads_again(wharf::async_engine& engine) {
    wharf::async_session session(engine);
    auto account = co_await session.get_one<Account>(1);
    co_await session.commit();
    co_await add_elsewhere(engine, 100);
    wharf::transaction_options strict;
    strict.isolation = wharf::isolation::serializable;
    auto tx = session.begin(strict);
    EXPECT_THROW(static_cast<void>(account.read()->balance), wharf::expired);
    EXPECT_THROW(account->balance += 1, wharf::expired);
    account = co_await session.get_one<Account>(1);
    EXPECT_EQ(account.read()->balance, 100);
    account->balance += 1;
    co_await tx.commit();
    const auto balance = co_await committed_balance(engine);
    EXPECT_EQ(balance, 101);
}
TYPED_TEST(async_retry_on, strict_transaction_believes_nothing_that_was_read_before_it) {
    this->run(strict_transaction_reads_again(this->engine_));
}

} // namespace
