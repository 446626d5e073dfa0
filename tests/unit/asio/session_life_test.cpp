// Async sessions that are closed, moved over or destroyed while one of their calls waits.
#include "unit/asio/models.hpp"

#include <wharf/asio.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace wharf::testing {
namespace {

namespace asio = boost::asio;
using async_models::Author;

/// An engine with one connection, which the fixture holds: each call of another session waits.
class waiting_session : public ::testing::Test {
public:
    waiting_session() {
        run(make_tables());
        waiting_.emplace(*engine_);
    }
    asio::awaitable<void> make_tables() {
        co_await create_tables<Author, async_models::Book>(*engine_);
        auto borrowed = co_await engine_->pool().acquire();
        held_.emplace(std::move(borrowed));
    }
    void run(asio::awaitable<void> work) {
        asio::co_spawn(*context_, std::move(work), asio::detached);
        context_->restart();
        context_->run();
    }
    /// Begins a call that waits.
    void start(asio::awaitable<void> call) {
        asio::co_spawn(*context_, std::move(call), [this](const std::exception_ptr& error) {
            ++ended_;
            if (!error) return;
            try {
                std::rethrow_exception(error);
            } catch (const cancelled&) {
                ++cancelled_;
            } catch (const usage_error&) {
                ++refused_;
            }
        });
        context_->restart();
        context_->poll();
        EXPECT_EQ(ended_, 0);
    }
    void start_and_finish() {
        ended_ = cancelled_ = 0;
        asio::co_spawn(*context_, commit_author(),
                       [this](const std::exception_ptr& error) { ended_ += error ? 100 : 1; });
        finish();
        EXPECT_EQ(ended_, 1);
    }
    void finish() {
        context_->restart();
        context_->run();
    }
    asio::awaitable<void> count_authors() { static_cast<void>(co_await waiting_->select<Author>().count()); }
    asio::awaitable<void> commit_author() {
        waiting_->add(Author{.name = "Ann"});
        co_await waiting_->commit();
    }
    asio::awaitable<void> commit_scope() {
        auto scope = waiting_->begin();
        waiting_->add(Author{.name = "Ann"});
        co_await scope.commit();
    }
    asio::awaitable<void> read_rows() {
        auto rows = waiting_->stream_sql<std::int64_t>("SELECT id FROM authors");
        while (co_await rows.next()) {
        }
    }

    std::unique_ptr<asio::io_context> context_{std::make_unique<asio::io_context>()};
    std::unique_ptr<async_engine> engine_{
        std::make_unique<async_engine>(context_->get_executor(), "sqlite://", engine_options{.pool_size = 1})};
    std::optional<async_connection> held_{};
    std::optional<async_session> waiting_{};
    int ended_{0};
    int cancelled_{0};
    int refused_{0};
};

TEST_F(waiting_session, that_is_closed_ends_the_call_and_can_be_used_again) {
    for (const auto call : {&waiting_session::count_authors, &waiting_session::commit_author,
                            &waiting_session::commit_scope, &waiting_session::read_rows}) {
        ended_ = cancelled_ = 0;
        start((this->*call)());
        waiting_->close();
        finish();
        EXPECT_EQ(ended_, 1);
        EXPECT_EQ(cancelled_, 1);
        EXPECT_EQ(waiting_->object_count(), 0U);
        EXPECT_FALSE(waiting_->is_modified());
    }
    held_.reset();
    start_and_finish();
}

TEST_F(waiting_session, that_is_destroyed_ends_the_call) {
    for (const auto call : {&waiting_session::count_authors, &waiting_session::commit_author,
                            &waiting_session::commit_scope, &waiting_session::read_rows}) {
        ended_ = cancelled_ = 0;
        start((this->*call)());
        waiting_.reset();
        finish();
        EXPECT_EQ(ended_, 1);
        EXPECT_EQ(cancelled_, 1);
        waiting_.emplace(*engine_);
    }
}

TEST_F(waiting_session, that_another_is_moved_over_ends_the_call) {
    start(count_authors());
    *waiting_ = async_session(*engine_);
    finish();
    EXPECT_EQ(cancelled_, 1);
    held_.reset();
    start_and_finish();
}

TEST_F(waiting_session, ends_with_its_context) {
    start(commit_author());
    held_.reset();
    auto session = std::move(waiting_);
    waiting_.reset();
    engine_.reset();
    context_.reset();
    EXPECT_EQ(ended_, 0);
}

TEST_F(waiting_session, is_destroyed_and_then_its_context_ends_before_the_call_has) {
    start(commit_author());
    waiting_.reset();
    context_.reset();
    EXPECT_EQ(ended_, 0);
    held_.reset();
}

asio::awaitable<void> await_later(asio::awaitable<void> call) {
    co_await std::move(call);
}

TEST_F(waiting_session, that_is_destroyed_before_its_call_has_begun_refuses_it) {
    auto call = await_later(waiting_->commit());
    waiting_.reset();
    asio::co_spawn(*context_, std::move(call), [this](const std::exception_ptr& error) {
        ++ended_;
        try {
            std::rethrow_exception(error);
        } catch (const usage_error&) {
            ++refused_;
        }
    });
    finish();
    EXPECT_EQ(ended_, 1);
    EXPECT_EQ(refused_, 1);
}

TEST_F(waiting_session, is_stopped_by_the_token_of_the_call_too) {
    std::stop_source stop;
    start([](async_session& session, std::stop_token token) -> asio::awaitable<void> {
        const call_options options(std::move(token));
        co_await session.flush(options);
        session.add(Author{.name = "Ann"});
        co_await session.commit(options);
    }(*waiting_, stop.get_token()));
    stop.request_stop();
    finish();
    EXPECT_EQ(cancelled_, 1);
}

TEST_F(waiting_session, refuses_what_another_coroutine_does_to_it) {
    start(count_authors());
    EXPECT_THROW(waiting_->add(Author{.name = "Ann"}), concurrent_use);
    EXPECT_THROW(static_cast<void>(waiting_->begin()), concurrent_use);
    EXPECT_THROW(waiting_->expire_all(), concurrent_use);
    held_.reset();
    finish();
    EXPECT_EQ(ended_, 1);
    EXPECT_EQ(cancelled_, 0);
}

} // namespace
} // namespace wharf::testing
