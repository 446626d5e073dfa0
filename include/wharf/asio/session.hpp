// Sessions for coroutines.
//
//   wharf::async_engine engine{executor, "postgresql://app@db/shop", {.pool_size = 10, .max_overflow = 20}};
//   wharf::async_session_factory make_session{engine};
//
//   auto session = make_session();
//   auto tx = session.begin();
//   auto user = session.add(User{.name = "Alice"});
//   co_await tx.commit();
#pragma once

#include "wharf/asio/asynchronous.hpp"
#include "wharf/orm/retry.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/orm/session_factory.hpp"

#include <boost/asio/awaitable.hpp>

#include <type_traits>
#include <utility>

namespace wharf {

using async_engine = basic_engine<asynchronous>;
using async_session = basic_session<asynchronous>;
using async_session_transaction = basic_session_transaction<asynchronous>;
using async_session_factory = basic_session_factory<asynchronous>;

namespace async_detail {

template <class Work>
using work_result =
    typename decltype(orm::call_work(std::declval<async_session&>(), std::declval<Work&>()))::value_type;

template <class T, class Work>
boost::asio::awaitable<T> transact(async_session& in, Work work) {
    auto scope = in.begin();
    if constexpr (std::is_void_v<T>) {
        co_await orm::call_work(in, work);
        co_await scope.commit();
    } else {
        T made = co_await orm::call_work(in, work);
        co_await scope.commit();
        co_return made;
    }
}

} // namespace async_detail

/// Behind async_session::transact.
template <class Work>
boost::asio::awaitable<async_detail::work_result<Work>> transact_in(asynchronous /*mode*/, async_session& in,
                                                                    Work work) {
    return async_detail::transact<async_detail::work_result<Work>>(in, std::move(work));
}

/// Tries a transaction again that failed for reasons which pass, without a lambda:
///
///   wharf::async_retry retry{session};
///   while (co_await retry.next()) {
///       try {
///           auto tx = session.begin({.isolation = wharf::isolation::serializable});
///           ...
///           co_await tx.commit();
///           retry.done();
///       } catch (const wharf::error& e) {
///           retry.failed(e);
///       }
///   }
class async_retry {
public:
    explicit async_retry(async_session& in, const retry_options& options = {}) noexcept
        : session_(&in), options_(options) {}

    /// Whether to try (again). Before another try it rolls the session back and waits. Throws usage_error where neither
    /// done() nor failed() has told how the last one ended.
    [[nodiscard]] boost::asio::awaitable<bool> next() {
        if (last_ == outcome::untold && tried_ > 0) refuse_untold();
        if (last_ == outcome::done || tried_ >= options_.attempts) co_return false;
        if (tried_ > 0) {
            co_await session_->rollback();
            auto& core = session_->core();
            co_await asynchronous::run(core.context(), orm::sleep(orm::backoff(options_, tried_)));
        }
        session_->core().begin_try();
        ++tried_;
        last_ = outcome::untold;
        co_return true;
    }
    /// To be called where the error was caught: throws it on when it does not pass, or this was the last try.
    void failed(const error& caught) {
        if (!caught.is_transient() || tried_ >= options_.attempts) throw;
        last_ = outcome::failed;
    }
    /// To be called behind the commit.
    void done() noexcept { last_ = outcome::done; }
    /// The number of the try under way, from 1.
    [[nodiscard]] int attempt() const noexcept { return tried_; }

private:
    enum class outcome { untold, failed, done };

    [[noreturn]] static void refuse_untold() {
        throw usage_error(
            "async_retry: the last try has ended without done() or failed(): it may have been committed, and "
            "another one would do it again. Call done() behind the commit, and failed(error) in the "
            "handler of wharf::error");
    }

    async_session* session_;
    retry_options options_;
    int tried_{0};
    outcome last_{outcome::untold};
};

} // namespace wharf
