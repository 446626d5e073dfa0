// Sessions in coroutines, on both backends.
#include "support/backends.hpp"
#include "unit/asio/models.hpp"
#include "unit/asio/run_to_end.hpp"
#include "wharf/asio/session.hpp"
#include "wharf/orm/sql_recorder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace async_models;

template <class Backend>
class async_session_on : public testing::Test {
protected:
    async_session_on() { run(make_tables()); }
    asio::awaitable<void> make_tables() { co_await wharf::create_tables<Author, Book>(engine_); }
    void run(asio::awaitable<void> work) { wharf::test::run_to_end(context_, std::move(work)); }

    Backend backend_{};
    asio::io_context context_{};
    wharf::async_engine engine_{context_.get_executor(), backend_.url(), {.pool_size = 4}};
    wharf::async_session_factory make_session_{engine_};
};
TYPED_TEST_SUITE(async_session_on, wharf::test::backends);

asio::awaitable<void> adds_and_changes(wharf::async_session_factory& make_session) {
    auto session = make_session();
    {
        auto tx = session.begin();
        auto author = session.add(Author{.name = "Alice"});
        session.add(Book{.author = author, .title = "first"});
        co_await tx.commit();
        EXPECT_NE(author->id, 0);
        author->name = "Alicia";
    }
    co_await session.commit();
    auto other = make_session();
    auto names = co_await other.query_sql<std::string>("SELECT name FROM authors");
    EXPECT_EQ(std::move(names).one(), "Alicia");
    const auto found = co_await other.select<Author>().where(wharf::col<&Author::name> == "Alicia").one();
    EXPECT_EQ(co_await other.get<Author>(found->id), found);
}
TYPED_TEST(async_session_on, adds_changes_and_reads) {
    this->run(adds_and_changes(this->make_session_));
}

asio::awaitable<void> relations_are_loaded_by_the_session(wharf::async_session_factory& make_session) {
    {
        auto session = make_session();
        auto author = session.add(Author{.name = "Alice"});
        session.add(Book{.author = author, .title = "first"});
        co_await session.commit();
    }
    auto session = make_session();
    auto author = co_await session.select<Author>().one();
    EXPECT_THROW(static_cast<void>(author->books.size()), wharf::not_loaded);
    auto books = co_await session.load(author->books);
    EXPECT_EQ(books.get().size(), 1U);
    EXPECT_EQ(author->books[0]->author.get(), author);
    session.close();

    auto book = co_await session.select<Book>().one();
    EXPECT_THROW(static_cast<void>(book->author->name), wharf::not_loaded);
    auto loaded = co_await session.load(book->author);
    EXPECT_EQ(loaded->name, "Alice");
    EXPECT_EQ(book->author->name, "Alice");

    const auto unknown = session.reference<Author>(loaded->id + 1);
    EXPECT_THROW(static_cast<void>(unknown->name), wharf::expired);
}
TYPED_TEST(async_session_on, relations_throw_until_they_are_loaded) {
    this->run(relations_are_loaded_by_the_session(this->make_session_));
}

asio::awaitable<void> expires_on_commit(wharf::async_session_factory& make_session) {
    auto session = make_session({.expire_on_commit = true});
    auto author = session.add(Author{.name = "Alice"});
    co_await session.commit();
    EXPECT_THROW(static_cast<void>(author->name), wharf::expired);
    co_await session.refresh(author);
    EXPECT_EQ(author->name, "Alice");
}
TYPED_TEST(async_session_on, expired_object_throws_until_it_is_refreshed) {
    this->run(expires_on_commit(this->make_session_));
}

asio::awaitable<void> add_and_throw(wharf::async_session& session) {
    session.add(Author{.name = "never"});
    co_await session.flush();
    throw std::runtime_error("no");
}
asio::awaitable<std::int64_t> add_and_return(wharf::async_session& session) {
    auto author = session.add(Author{.name = "kept"});
    co_await session.flush();
    co_return author->id;
}
asio::awaitable<void> transacts(wharf::async_session_factory& make_session) {
    auto session = make_session();
    const auto id = co_await session.transact(&add_and_return);
    EXPECT_NE(id, 0);
    bool thrown = false;
    try {
        co_await session.transact(&add_and_throw);
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    EXPECT_TRUE(thrown);
    const auto count = co_await session.select<Author>().count();
    EXPECT_EQ(count, 1);
}
TYPED_TEST(async_session_on, transact_commits_or_rolls_back) {
    this->run(transacts(this->make_session_));
}

asio::awaitable<void> uses_it_twice_at_once(wharf::async_session_factory& make_session) {
    auto session = make_session();
    session.add(Author{.name = "one"});
    int refused = 0;
    int finished = 0;
    const auto executor = co_await asio::this_coro::executor;
    const auto on_end = [&](std::exception_ptr error) {
        ++finished;
        try {
            if (error) std::rethrow_exception(error);
        } catch (const wharf::concurrent_use&) {
            ++refused;
        }
    };
    asio::co_spawn(executor, session.commit(), on_end);
    asio::co_spawn(executor, session.flush(), on_end);
    while (finished < 2)
        co_await asio::post(executor, asio::use_awaitable);
    EXPECT_LE(refused, 1);
    co_await session.commit();
    const auto count = co_await session.select<Author>().count();
    EXPECT_EQ(count, 1);
}
TYPED_TEST(async_session_on, second_call_at_once_is_refused_and_harms_nothing) {
    this->run(uses_it_twice_at_once(this->make_session_));
}

asio::awaitable<void> retries(wharf::async_session_factory& make_session) {
    auto session = make_session();
    wharf::async_retry retry{session, {.attempts = 5, .first_delay = std::chrono::milliseconds(1)}};
    while (co_await retry.next()) {
        try {
            auto tx = session.begin();
            session.add(Author{.name = "try " + std::to_string(retry.attempt())});
            co_await session.flush();
            if (retry.attempt() < 3) throw wharf::connection_lost("pretended");
            co_await tx.commit();
            retry.done();
        } catch (const wharf::error& e) {
            retry.failed(e);
        }
    }
    EXPECT_EQ(retry.attempt(), 3);
    const auto only = co_await session.select<Author>().one();
    EXPECT_EQ(only->name, "try 3");
}
TYPED_TEST(async_session_on, retry_goes_on_until_it_is_done) {
    this->run(retries(this->make_session_));
}

} // namespace
