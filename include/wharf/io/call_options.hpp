// How long a call may take, and what may stop it.
#pragma once

#include "wharf/base/cancellation.hpp"
#include "wharf/base/time.hpp"

#include <chrono>
#include <optional>
#include <stop_token>
#include <utility>

namespace wharf {

/// The optional last argument of every call that may wait: `co_await session.commit(2s)`. Behind the parameters of a
/// statement the type is named, or it would be one of them: `conn.execute(sql, 7, call_options(2s))`. In a coroutine
/// write no braces: GCC 12 miscompiles some expressions that have those and `co_await`.
class call_options {
public:
    call_options() = default;
    /// The call ends with timed_out once `timeout` has passed, counted from here.
    template <class Number, class Unit>
    explicit(false) call_options(std::chrono::duration<Number, Unit> timeout, std::stop_token stop = {})
        : limit_(std::chrono::duration_cast<duration>(timeout)), stop_(std::move(stop)) {
        deadline_ = deadline_after(clock::now(), limit_);
    }
    explicit(false) call_options(time_point deadline, std::stop_token stop = {})
        : deadline_(deadline), stop_(std::move(stop)) {}
    /// The call ends with `cancelled` once a stop is requested.
    explicit(false) call_options(std::stop_token stop) : stop_(std::move(stop)) {}

    /// Puts another stop_token in the place of its own.
    call_options& stopped_by(std::stop_token stop) noexcept {
        stop_ = std::move(stop);
        return *this;
    }
    /// What becomes of the connection should this call be given up; otherwise its pool's setting decides.
    call_options& when_given_up(wharf::cancellation how) noexcept {
        cancellation_ = how;
        return *this;
    }

    [[nodiscard]] time_point deadline() const noexcept { return deadline_; }
    /// The timeout that was given; zero: none, or a deadline.
    [[nodiscard]] duration limit() const noexcept { return limit_; }
    [[nodiscard]] const std::stop_token& stop() const noexcept { return stop_; }
    [[nodiscard]] const std::optional<wharf::cancellation>& cancellation() const noexcept { return cancellation_; }

private:
    time_point deadline_{never};
    duration limit_{};
    std::stop_token stop_{};
    std::optional<wharf::cancellation> cancellation_{};
};

} // namespace wharf
