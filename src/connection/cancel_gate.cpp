#include "connection/cancel_gate.hpp"

#include <utility>

namespace wharf::detail {

void cancel_gate::set_running(bool running) noexcept {
    const std::lock_guard lock(mutex_);
    running_ = running;
}

void cancel_gate::retire() noexcept {
    const std::lock_guard lock(mutex_);
    retired_ = true;
}

bool cancel_gate::retired() const noexcept {
    const std::lock_guard lock(mutex_);
    return retired_;
}

bool cancel_gate::quiet_or_notify(std::shared_ptr<io::parking_spot> spot) noexcept {
    const std::lock_guard lock(mutex_);
    if (on_the_way_ == 0) return true;
    waiting_ = std::move(spot);
    return false;
}

bool cancel_gate::at_rest() const noexcept {
    const std::lock_guard lock(mutex_);
    return on_the_way_ == 0 && !in_doubt_;
}

bool cancel_gate::in_doubt() const noexcept {
    const std::lock_guard lock(mutex_);
    return in_doubt_;
}

bool cancel_gate::enter() noexcept {
    const std::lock_guard lock(mutex_);
    if (!running_ || retired_) return false;
    ++on_the_way_;
    return true;
}

void cancel_gate::leave(bool in_doubt) noexcept {
    std::shared_ptr<io::parking_spot> waiting;
    {
        const std::lock_guard lock(mutex_);
        in_doubt_ = in_doubt_ || in_doubt;
        if (--on_the_way_ == 0) waiting = std::exchange(waiting_, nullptr);
    }
    if (waiting) waiting->unpark();
}

} // namespace wharf::detail
