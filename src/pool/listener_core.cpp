#include "wharf/pool/listener_core.hpp"

#include "pool/listener_state.hpp"
#include "wharf/base/error.hpp"

#include <string_view>
#include <utility>

namespace wharf {
namespace {

void require(bool holds, std::string_view setting, std::string_view rule) {
    if (!holds) throw configuration_error("listener setting " + std::string(setting) + " must be " + std::string(rule));
}

listener_options checked(const listener_options& options) {
    require(options.max_queued > 0, "max_queued", "at least 1");
    require(options.max_queued_bytes >= 8192, "max_queued_bytes", "at least 8192, for one notification");
    require(options.connect_timeout > duration::zero(), "connect_timeout", "more than 0 s");
    require(options.answer_timeout > duration::zero(), "answer_timeout", "more than 0 s");
    require(options.keepalive >= duration::zero(), "keepalive", "0 s or more");
    return options;
}

} // namespace

listener_core::listener_core(std::shared_ptr<connector> database, std::shared_ptr<io::background> background,
                             const listener_options& options)
    : background_(std::move(background)) {
    if (database->kind() != backend::postgres) throw usage_error("only PostgreSQL has LISTEN and NOTIFY");
    state_ = std::make_shared<detail::listener_state>(std::move(database), checked(options));
}

listener_core::~listener_core() {
    state_->stop();
}

io::op<void> listener_core::listen(std::string channel) {
    return detail::listener_state::change(state_, *background_, std::move(channel), true);
}

io::op<void> listener_core::unlisten(std::string channel) {
    return detail::listener_state::change(state_, *background_, std::move(channel), false);
}

io::op<listener_event> listener_core::next() {
    return detail::listener_state::next(state_, *background_);
}

listener_stats listener_core::stats() const {
    return state_->stats();
}

} // namespace wharf
