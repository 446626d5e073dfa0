// An op that nobody awaits, running on a reactor.
#pragma once

#include "io/waiter.hpp"
#include "wharf/io/op.hpp"

#include <utility>

namespace wharf::async_detail {

class asio_reactor;

/// Owned by its reactor: linked into its list, which the reactor's mutex guards.
class background_run final : public io::waiter {
public:
    background_run(asio_reactor& home, io::op<void> work);
    ~background_run() = default;

    void go_on() noexcept;
    /// It is about to be destroyed: being woken schedules nothing.
    void silence() noexcept { silent_ = true; }

    void link(background_run*& first) noexcept;
    void unlink(background_run*& first) noexcept;
    [[nodiscard]] background_run* next() const noexcept { return next_; }

private:
    void schedule() noexcept override;

    asio_reactor& home_;
    io::outcome<void> out_{};
    io::task task_;
    background_run* previous_{nullptr};
    background_run* next_{nullptr};
    bool silent_{false};
};

} // namespace wharf::async_detail
