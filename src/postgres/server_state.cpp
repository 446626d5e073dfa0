#include "postgres/server_state.hpp"

#include "postgres/protocol/notice.hpp"
#include "wharf/base/error.hpp"

namespace wharf::postgres {
namespace {

// A server reports a few dozen settings; more would be an attempt to fill our memory.
constexpr std::size_t most_settings = 1000;

} // namespace

bool server_state::take(const protocol::frame& message) {
    switch (message.type) {
    case protocol::backend_message::notice_response: {
        const diagnostic notice = protocol::decode_diagnostic(message.body);
        if (observer_ != nullptr) observer_->on_notice(notice.severity, notice.message);
        return true;
    }
    case protocol::backend_message::notification_response:
        static_cast<void>(protocol::decode_notification(message.body));
        return true;
    case protocol::backend_message::parameter_status:
        take_setting(protocol::decode_parameter_status(message.body));
        return true;
    default:
        return false;
    }
}

void server_state::take_setting(const protocol::parameter_status& reported) {
    if (reported.name == "client_encoding" && reported.value != "UTF8")
        throw connection_lost("client_encoding was changed to " + std::string(reported.value) +
                              "; wharf speaks UTF8 only, so this connection cannot be used any more");
    if (const auto known = settings_.find(reported.name); known != settings_.end())
        known->second = reported.value;
    else if (settings_.size() < most_settings)
        settings_.emplace(reported.name, reported.value);
}

std::string_view server_state::setting(std::string_view name) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? std::string_view() : std::string_view(found->second);
}

} // namespace wharf::postgres
