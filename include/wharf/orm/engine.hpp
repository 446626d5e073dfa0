// The engine: where sessions get their connections from. One per database and application.
//
//   wharf::engine engine{"postgresql://app@db/shop", {.pool_size = 10, .max_overflow = 20}};
//   wharf::async_engine engine{executor, "postgresql://app@db/shop"};          (in <wharf/asio.hpp>)
#pragma once

#include "wharf/base/url.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/orm/engine_core.hpp"
#include "wharf/pool/pool.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace wharf {

/// The settings of an engine's pool: those of pool_options in their order, with its defaults; `pool_size` is its
/// max_size.
struct engine_options {
    std::optional<std::size_t> min_size{};
    std::size_t pool_size{pool_options{}.max_size};
    std::size_t max_overflow{pool_options{}.max_overflow};
    duration acquire_timeout{pool_options{}.acquire_timeout};
    std::size_t max_waiting{pool_options{}.max_waiting};
    duration connect_timeout{pool_options{}.connect_timeout};
    std::size_t max_connecting{pool_options{}.max_connecting};
    duration idle_timeout{pool_options{}.idle_timeout};
    duration max_lifetime{pool_options{}.max_lifetime};
    double lifetime_jitter{pool_options{}.lifetime_jitter};
    std::uint64_t max_uses{pool_options{}.max_uses};
    pool_order order{pool_options{}.order};
    pool_fairness fairness{pool_options{}.fairness};
    duration validate_after_idle{pool_options{}.validate_after_idle};
    duration ping_timeout{pool_options{}.ping_timeout};
    pool_reset reset{pool_options{}.reset};
    duration clean_up_timeout{pool_options{}.clean_up_timeout};
    duration close_timeout{pool_options{}.close_timeout};
    bool fail_fast{pool_options{}.fail_fast};
    std::optional<wharf::cancellation> cancellation{};
    statement_observer* observer{nullptr};
};

namespace orm {
[[nodiscard]] pool_options pool_options_of(const engine_options& options);
} // namespace orm

/// Any thread. Makes no connection before it is needed. Outlives its sessions.
template <class Mode>
class basic_engine {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    /// A blocking engine. Throws configuration_error.
    explicit basic_engine(const database_url& url, const engine_options& options = {})
        requires requires { Mode::make_background(); }
        : pool_(url, orm::pool_options_of(options)) {}
    /// An async engine, bound to the executor's context, which outlives it. Throws configuration_error.
    template <class Executor>
        requires requires(const Executor& executor) { Mode::make_background(executor); }
    basic_engine(const Executor& executor, const database_url& url, const engine_options& options = {})
        : pool_(executor, url, orm::pool_options_of(options)) {}
    /// Over a driver of one's own.
    basic_engine(std::shared_ptr<connector> database, pool_core::background_source make_background,
                 const engine_options& options = {})
        : pool_(std::move(database), std::move(make_background), orm::pool_options_of(options)) {}
    basic_engine(const basic_engine&) = delete;
    basic_engine& operator=(const basic_engine&) = delete;
    ~basic_engine() { core_->end(); }

    /// Opens the pool's first connections and reports what is wrong. Not needed.
    result<void> open(const call_options& options = {}) { return pool_.open(options); }
    /// Waits until sessions have given their connections back, and ends them.
    result<void> close(const call_options& options = {}) { return pool_.close(options); }
    [[nodiscard]] pool_stats stats() const { return pool_.stats(); }
    /// For work without a session.
    [[nodiscard]] basic_pool<Mode>& pool() noexcept { return pool_; }
    [[nodiscard]] const std::shared_ptr<orm::engine_core>& core() const noexcept { return core_; }

private:
    basic_pool<Mode> pool_;
    std::shared_ptr<orm::engine_core> core_{std::make_shared<orm::engine_core>(pool_.core())}; // with sessions
};

using engine = basic_engine<blocking>;

} // namespace wharf
