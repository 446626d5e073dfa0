// The pool that applications use: wharf::pool in threads, wharf::async_pool (in <wharf/asio.hpp>) in coroutines.
//
//   wharf::pool pool{"postgresql://app@db/shop", {.min_size = 2, .max_size = 10}};
//   pool.open();                                    optional: opens min_size connections, reports what is wrong
//   auto conn = pool.acquire();                     returned by its destructor
//
//   wharf::async_pool pool{executor, "postgresql://app@db/shop"};
//   auto conn = co_await pool.acquire();
#pragma once

#include "wharf/base/url.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/open/open_connector.hpp"
#include "wharf/pool/connection.hpp"
#include "wharf/pool/pool_core.hpp"

#include <memory>
#include <type_traits>
#include <utility>

namespace wharf {

namespace detail {

template <class Mode>
io::op<basic_connection<Mode>> as_connection(io::op<lease> acquiring) {
    auto lent = co_await std::move(acquiring);
    co_return basic_connection<Mode>(std::move(lent));
}

} // namespace detail

/// Any thread, any coroutine. Makes no connection before open() or the first acquire. Its destructor does not wait:
/// connections that are lent end when they are given back; close() waits.
template <class Mode>
class basic_pool {
public:
    template <class T>
    using result = typename Mode::template result<T>;
    using connection = basic_connection<Mode>;

    /// A blocking pool. Throws configuration_error.
    explicit basic_pool(const database_url& url, const pool_options& options = {})
        requires requires { Mode::make_background(); }
        : basic_pool(open_connector(url), [] { return Mode::make_background(); }, options) {}
    /// An async pool, bound to the executor's context, which outlives it. Throws configuration_error.
    template <class Executor>
        requires requires(const Executor& executor) { Mode::make_background(executor); }
    basic_pool(const Executor& executor, const database_url& url, const pool_options& options = {})
        : basic_pool(open_connector(url), [executor] { return Mode::make_background(executor); }, options) {}
    /// Over a driver of one's own.
    basic_pool(std::shared_ptr<connector> database, pool_core::background_source make_background,
               const pool_options& options = {}, const time_source& time = system_time())
        : core_(std::move(database), std::move(make_background), options, time) {}

    /// See pool_core for all of these.
    result<void> open(const call_options& options = {}) { return Mode::run(core_.context(), core_.open(), options); }
    [[nodiscard]] result<connection> acquire(const call_options& options = {}) {
        if constexpr (std::is_same_v<result<connection>, connection>) {
            if (!options.stop().stop_requested()) {
                if (auto lent = core_.try_acquire_now()) return connection(std::move(lent));
            }
        }
        return Mode::run(core_.context(), detail::as_connection<Mode>(core_.acquire()), options);
    }
    result<void> close(const call_options& options = {}) { return Mode::run(core_.context(), core_.close(), options); }
    [[nodiscard]] pool_stats stats() const { return core_.stats(); }
    /// Which database it is for.
    [[nodiscard]] backend kind() const noexcept { return core_.database().kind(); }

    /// What sessions work through.
    [[nodiscard]] pool_core& core() noexcept { return core_; }

private:
    pool_core core_;
};

using pool = basic_pool<blocking>;
using connection = basic_connection<blocking>;
using transaction = basic_transaction<blocking>;

} // namespace wharf
