#include "wharf/io/task.hpp"

#include <utility>

namespace wharf::io {

bool task::pump() noexcept {
    request_.what = request::kind::none;
    while (top_ != nullptr) {
        top_->handle_.resume();
        if (finished_) std::exchange(finished_, nullptr).destroy();
        if (request_.what != request::kind::none) return false;
    }
    return true;
}

void task::push(frame& callee, std::coroutine_handle<> handle) noexcept {
    callee.handle_ = handle;
    callee.caller_ = top_;
    callee.owner_ = this;
    top_ = &callee;
}

void task::pop(frame& finished) noexcept {
    top_ = finished.caller_;
    finished_ = finished.handle_;
}

void task::destroy_frames() noexcept {
    while (top_ != nullptr) {
        auto* innermost = top_;
        top_ = innermost->caller_;
        innermost->handle_.destroy();
    }
}

} // namespace wharf::io
