#include "wharf/pool/lease.hpp"

#include "pool/pool_state.hpp"
#include "wharf/base/error.hpp"

namespace wharf {
namespace {

[[noreturn]] void refuse() {
    throw usage_error("this connection has been given back to its pool");
}

// In a child process made by fork(2) the connection stays its parent's.
bool is_lent_here(const detail::pool_slot& slot, std::uint64_t number) noexcept {
    return slot.is_lent_as(number) && !slot.pool->forked();
}

} // namespace

connection_core* lease_link::get() const noexcept {
    const auto slot = slot_.lock();
    return slot && is_lent_here(*slot, number_) ? &slot->core : nullptr;
}

lease_use lease_link::use() const {
    lease_use out;
    out.slot_ = slot_.lock();
    out.number_ = number_;
    static_cast<void>(out.core());
    return out;
}

bool lease_use::is_lent() const noexcept {
    return slot_ && is_lent_here(*slot_, number_);
}

connection_core& lease_use::core() const {
    if (!slot_ || !slot_->is_lent_as(number_)) refuse();
    slot_->pool->require_same_process("connection");
    return slot_->core;
}

void lease::require() const {
    if (slot_ == nullptr) refuse();
    slot_->pool->require_same_process("connection");
}

connection_core& lease::core() const {
    require();
    return slot_->core;
}

lease_use lease::use() const {
    require();
    lease_use out;
    out.slot_ = slot_->shared_from_this();
    out.number_ = slot_->lease_number.load(std::memory_order_relaxed);
    return out;
}

lease_link lease::link() const {
    require();
    lease_link out;
    out.slot_ = slot_->weak_from_this();
    out.number_ = slot_->lease_number.load(std::memory_order_relaxed);
    return out;
}

io::background& lease::context() const {
    require();
    return slot_->pool->context();
}

void lease::give_back(detail::pool_slot& slot) noexcept {
    slot.pool->release(slot);
}

} // namespace wharf
