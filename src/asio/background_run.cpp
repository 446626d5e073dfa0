#include "asio/background_run.hpp"

#include "asio/reactor.hpp"
#include "asio/turn_budget.hpp"

namespace wharf::async_detail {

background_run::background_run(asio_reactor& home, io::op<void> work) : waiter(task_), home_(home), task_(home) {
    std::move(work).start_on(task_, out_);
}

void background_run::go_on() noexcept {
    turn_budget::refill();
    if (!home_.advance(*this)) return;
    out_.take(); // noexcept: what escapes from a background op ends the process
    home_.retire(*this);
}

void background_run::schedule() noexcept {
    if (!silent_) home_.post_locked(*this);
}

void background_run::link(background_run*& first) noexcept {
    next_ = std::exchange(first, this);
    if (next_ != nullptr) next_->previous_ = this;
}

void background_run::unlink(background_run*& first) noexcept {
    (previous_ != nullptr ? previous_->next_ : first) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
}

} // namespace wharf::async_detail
