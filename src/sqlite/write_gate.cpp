#include "sqlite/write_gate.hpp"

#include "wharf/io/waits.hpp"

#include <algorithm>
#include <utility>

namespace wharf::sqlite {

bool write_gate::try_enter() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(occupied_, true);
}

void write_gate::leave() {
    std::shared_ptr<io::parking_spot> next;
    {
        const std::lock_guard lock(mutex_);
        holder_ = {};
        if (line_.empty()) {
            occupied_ = false;
            return;
        }
        auto* first = line_.front();
        line_.pop_front();
        first->entered_ = true;
        next = first->spot_; // the ticket may be gone as soon as the lock is
    }
    next->unpark();
}

void write_gate::note_holder(std::thread::id thread) {
    const std::lock_guard lock(mutex_);
    holder_ = thread;
}

bool write_gate::is_held_by(std::thread::id thread) const {
    const std::lock_guard lock(mutex_);
    return occupied_ && holder_ == thread;
}

std::size_t write_gate::waiting() const {
    const std::lock_guard lock(mutex_);
    return line_.size();
}

write_gate::ticket::ticket(std::shared_ptr<write_gate> gate, std::shared_ptr<io::parking_spot> spot)
    : gate_(std::move(gate)), spot_(std::move(spot)) {
    const std::lock_guard lock(gate_->mutex_);
    if (!std::exchange(gate_->occupied_, true))
        entered_ = true;
    else
        gate_->line_.push_back(this);
}

write_gate::ticket::~ticket() {
    bool leaves = false;
    {
        const std::lock_guard lock(gate_->mutex_);
        if (!entered_) std::erase(gate_->line_, this);
        leaves = entered_ && !kept_;
    }
    if (leaves) gate_->leave();
}

bool write_gate::ticket::entered() const {
    const std::lock_guard lock(gate_->mutex_);
    return entered_;
}

io::op<bool> enter(std::shared_ptr<write_gate> gate, time_point limit) {
    auto spot = co_await io::make_parking_spot();
    write_gate::ticket place(std::move(gate), spot);
    if (!place.entered()) {
        io::task& self = co_await io::this_task();
        const bool own_limit = limit < self.deadline();
        const io::deadline_scope until(self, limit);
        const io::wake how = co_await io::park(std::move(spot));
        if (!place.entered()) {
            if (how == io::wake::timed_out && own_limit) co_return false;
            io::detail::throw_unless_ready(how);
            co_return false;
        }
    }
    place.keep();
    co_return true;
}

} // namespace wharf::sqlite
