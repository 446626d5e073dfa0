#include "wharf/pool/pool_core.hpp"

#include "pool/pool_state.hpp"

#include <utility>

namespace wharf {

pool_core::pool_core(std::shared_ptr<connector> database, background_source make_background,
                     const pool_options& options, const time_source& time)
    : state_(std::make_shared<detail::pool_state>(std::move(database), std::move(make_background), options, time)) {
    state_->keep_itself();
}

pool_core::~pool_core() {
    state_->handle_gone();
}

io::op<void> pool_core::open() {
    return detail::pool_state::open(state_);
}

lease pool_core::try_acquire_now() noexcept {
    return state_->try_acquire_now();
}

io::op<lease> pool_core::acquire() {
    return detail::pool_state::acquire(state_);
}

io::op<void> pool_core::close() {
    return detail::pool_state::close(state_);
}

pool_stats pool_core::stats() const {
    return state_->stats();
}

const pool_options& pool_core::options() const noexcept {
    return state_->options();
}

connector& pool_core::database() const noexcept {
    return state_->database();
}

io::background& pool_core::context() {
    return state_->context();
}

} // namespace wharf
