// Two coroutines at one session: what one of them writes to members while the other's commit waits is kept. What a
// session does about lost updates, in coroutines.
#include "support/backends.hpp"
#include "unit/asio/models.hpp"
#include "unit/asio/run_to_end.hpp"
#include "wharf/asio/session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace async_models;

asio::awaitable<void> make_tables(wharf::async_engine& engine) {
    co_await wharf::create_tables<Author, Book, Account>(engine);
}
asio::awaitable<void> commit(wharf::async_session& session) {
    co_await session.commit();
}
asio::awaitable<void> flush(wharf::async_session& session) {
    co_await session.flush();
}
asio::awaitable<void> rollback(wharf::async_session& session) {
    co_await session.rollback();
}
asio::awaitable<void> increment(wharf::async_session& session, wharf::entity<Account>& account) {
    co_await session.increment(account, &Account::balance, 1);
}
asio::awaitable<void> read(wharf::async_session& session, wharf::entity<Account>& out) {
    out = co_await session.get_one<Account>(1);
}
asio::awaitable<void> balance_of_one(wharf::async_session& session, std::int64_t& out) {
    auto found = co_await session.query_sql<std::int64_t>("SELECT balance FROM accounts WHERE id = 1");
    out = std::move(found).one();
}
asio::awaitable<void> run_sql(wharf::async_session& session, std::string sql) {
    co_await session.execute(wharf::raw_sql(sql));
    co_await session.commit();
}
asio::awaitable<void> resolve(wharf::async_session& session, wharf::entity<Account>& account, wharf::resolution how) {
    co_await session.resolve(account, how);
}

template <class Backend>
class async_session_written_meanwhile : public testing::Test {
protected:
    async_session_written_meanwhile() { run(make_tables(engine_)); }
    void run(asio::awaitable<void> work) { wharf::test::run_to_end(context_, std::move(work)); }
    /// `write` runs as soon as the call waits for the first time.
    template <class Write>
    void run_with(asio::awaitable<void> call, Write write) {
        bool written = false;
        bool ended = false;
        asio::co_spawn(context_, std::move(call), [&](std::exception_ptr error) {
            EXPECT_FALSE(error);
            ended = true;
        });
        asio::post(context_, [&] {
            EXPECT_FALSE(ended);
            write();
            written = true;
        });
        context_.restart();
        context_.run();
        EXPECT_TRUE(written);
    }
    void change_elsewhere(std::string sql) {
        wharf::async_session other(engine_);
        run(run_sql(other, std::move(sql)));
    }
    std::int64_t committed_balance() {
        wharf::async_session other(engine_);
        std::int64_t found{};
        run(balance_of_one(other, found));
        return found;
    }

    Backend backend_{};
    asio::io_context context_{};
    wharf::async_engine engine_{context_.get_executor(), backend_.url(), {.pool_size = 2}};
    wharf::async_session session_{engine_};
};
TYPED_TEST_SUITE(async_session_written_meanwhile, wharf::test::backends);

TYPED_TEST(async_session_written_meanwhile, member_of_a_row_that_is_committed_is_written_by_the_next_commit) {
    auto account = this->session_.add(Account{.id = 1, .balance = 1});
    this->run(commit(this->session_));
    account->balance = 2;
    this->run_with(commit(this->session_), [&] { account->balance = 3; });
    EXPECT_EQ(this->committed_balance(), 2);
    EXPECT_EQ(account.read()->balance, 3);
    EXPECT_TRUE(this->session_.is_modified(account));
    this->run(commit(this->session_));
    EXPECT_EQ(this->committed_balance(), 3);
}

TYPED_TEST(async_session_written_meanwhile, member_of_a_new_row_is_written_by_the_next_commit) {
    auto account = this->session_.add(Account{.id = 1});
    account->balance = 2;
    this->run_with(flush(this->session_), [&] { account->balance = 3; });
    EXPECT_TRUE(this->session_.is_modified(account));
    this->run(commit(this->session_));
    EXPECT_EQ(this->committed_balance(), 3);
}

TYPED_TEST(async_session_written_meanwhile, relations_and_membership_are_refused) {
    auto author = this->session_.add(Author{.name = "a"});
    auto book = this->session_.add(Book{.author = author, .title = "b"});
    book->title = "sent";
    author->name = "sent";
    this->run_with(commit(this->session_), [&] {
        EXPECT_THROW(book->author = wharf::entity<Author>(Author{}), wharf::concurrent_use);
        EXPECT_THROW(author->books.add(Book{}), wharf::concurrent_use);
        EXPECT_THROW(author->books.remove(book), wharf::concurrent_use);
        EXPECT_THROW(this->session_.add(Account{}), wharf::concurrent_use);
        EXPECT_THROW(this->session_.remove(book), wharf::concurrent_use);
    });
    EXPECT_FALSE(this->session_.is_modified());
    EXPECT_EQ(book.read()->author.get(), author);
}

TYPED_TEST(async_session_written_meanwhile, counter_beside_an_increment_is_written_by_the_next_commit) {
    auto account = this->session_.add(Account{.id = 1});
    account->balance = 1;
    this->run(commit(this->session_));
    this->run_with(increment(this->session_, account), [&] { account->balance = 100; });
    EXPECT_EQ(account.read()->balance, 100);
    this->run(commit(this->session_));
    EXPECT_EQ(this->committed_balance(), 100);
}

TYPED_TEST(async_session_written_meanwhile, increment_cannot_conflict) {
    auto account = this->session_.add(Account{.id = 1});
    this->run(commit(this->session_));
    this->change_elsewhere("UPDATE accounts SET balance = 100");
    this->run(increment(this->session_, account));
    EXPECT_EQ(account.read()->balance, 101);
    EXPECT_FALSE(this->session_.is_modified());
    this->run(commit(this->session_));
    EXPECT_EQ(this->committed_balance(), 101);
    this->change_elsewhere("DELETE FROM accounts");
    EXPECT_THROW(this->run(increment(this->session_, account)), wharf::stale_data);
}

TYPED_TEST(async_session_written_meanwhile, lost_update_is_resolved_by_keeping_either_side) {
    this->change_elsewhere("INSERT INTO accounts VALUES (1, 1)");
    wharf::entity<Account> account;
    this->run(read(this->session_, account));
    this->run(commit(this->session_));
    account->balance = 2;
    this->change_elsewhere("UPDATE accounts SET balance = 100");
    EXPECT_THROW(this->run(commit(this->session_)), wharf::stale_data);
    this->run(rollback(this->session_));
    this->run(resolve(this->session_, account, wharf::keep_mine));
    EXPECT_EQ(account.read()->balance, 2);
    this->run(commit(this->session_));
    EXPECT_EQ(this->committed_balance(), 2);

    this->change_elsewhere("UPDATE accounts SET balance = 200");
    account->balance = 3;
    EXPECT_THROW(this->run(commit(this->session_)), wharf::stale_data);
    this->run(rollback(this->session_));
    this->run(resolve(this->session_, account, wharf::take_theirs));
    EXPECT_EQ(account.read()->balance, 200);
    EXPECT_FALSE(this->session_.is_modified());
}

} // namespace
