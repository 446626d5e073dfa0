#include "postgres/server_state.hpp"

#include "postgres/protocol/notice.hpp"
#include "wharf/base/error.hpp"

#include <utility>

namespace wharf::postgres {
namespace {

// A server reports a few dozen settings; more would be an attempt to fill our memory.
constexpr std::size_t most_settings = 1000;
constexpr std::size_t most_notices = 1000;

} // namespace

bool server_state::take(const protocol::frame& message) {
    switch (message.type) {
    case protocol::backend_message::notice_response:
        take_notice(protocol::decode_diagnostic(message.body));
        return true;
    case protocol::backend_message::notification_response: {
        const auto arrived = protocol::decode_notification(message.body);
        if (observer_ != nullptr) observer_->on_notification({arrived.channel, arrived.payload, arrived.process});
        return true;
    }
    case protocol::backend_message::parameter_status:
        take_setting(protocol::decode_parameter_status(message.body));
        return true;
    default:
        return false;
    }
}

void server_state::take_notice(diagnostic notice) {
    if (observer_ != nullptr)
        observer_->on_notice(notice);
    else if (!logged_in_ && notices_of_login_.size() < most_notices)
        notices_of_login_.push_back(std::move(notice));
}

void server_state::observe(statement_observer* observer) noexcept {
    observer_ = observer;
    if (observer == nullptr || notices_of_login_.empty()) return;
    for (const diagnostic& notice : std::exchange(notices_of_login_, {}))
        observer->on_notice(notice);
}

void server_state::take_setting(const protocol::parameter_status& reported) {
    if (reported.name == "client_encoding") {
        foreign_encoding_ = reported.value == "UTF8" ? std::string_view() : reported.value;
        if (!logged_in_ && !foreign_encoding_.empty())
            throw connection_lost("client_encoding is " + foreign_encoding_ + ", and wharf speaks UTF8 only");
    }
    const std::string_view value = reported.value.substr(0, protocol::max_error_text);
    if (const auto known = settings_.find(reported.name); known != settings_.end())
        known->second = value;
    else if (settings_.size() < most_settings)
        settings_.emplace(reported.name, value);
    if (logged_in_ && observer_ != nullptr) observer_->on_parameter_change(reported.name, value);
}

bool server_state::is_fit() const noexcept {
    const bool writes = target_ == session_target::read_write || target_ == session_target::primary;
    if (!writes) return true;
    if (refused_write_ || setting("in_hot_standby") == "on") return false;
    return target_ == session_target::primary || setting("default_transaction_read_only") != "on";
}

std::string_view server_state::setting(std::string_view name) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? std::string_view() : std::string_view(found->second);
}

} // namespace wharf::postgres
