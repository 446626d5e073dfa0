// How long a call may take, and what may stop it.
#pragma once

#include "wharf/base/cancellation.hpp"
#include "wharf/base/time.hpp"

#include <optional>
#include <stop_token>
#include <utility>

namespace wharf {

/// The optional last argument of every call that may wait: `co_await pool.acquire(call_options(2s))`. In a coroutine
/// name the type, not only braces: GCC 12 miscompiles some expressions that have those and `co_await`.
class call_options {
public:
    call_options() = default;
    /// The call ends with timed_out once `timeout` has passed, counted from here.
    explicit(false) call_options(duration timeout, std::stop_token stop = {})
        : deadline_(deadline_after(clock::now(), timeout)), stop_(std::move(stop)) {}
    explicit(false) call_options(time_point deadline, std::stop_token stop = {})
        : deadline_(deadline), stop_(std::move(stop)) {}
    /// The call ends with `cancelled` once a stop is requested.
    explicit(false) call_options(std::stop_token stop) : stop_(std::move(stop)) {}

    /// What becomes of the connection should this call be given up; otherwise its pool's setting decides.
    call_options& when_given_up(wharf::cancellation how) noexcept {
        cancellation_ = how;
        return *this;
    }

    [[nodiscard]] time_point deadline() const noexcept { return deadline_; }
    [[nodiscard]] const std::stop_token& stop() const noexcept { return stop_; }
    [[nodiscard]] const std::optional<wharf::cancellation>& cancellation() const noexcept { return cancellation_; }

private:
    time_point deadline_{never};
    std::stop_token stop_{};
    std::optional<wharf::cancellation> cancellation_{};
};

} // namespace wharf
