// Watching what connections do and what servers say.
//
//   struct log_notices : wharf::statement_observer {
//       void on_notice(const wharf::diagnostic& notice) override { log(notice.severity, notice.message); }
//   };
#pragma once

#include "wharf/base/database_error.hpp"
#include "wharf/connection/notification.hpp"

#include <cstddef>
#include <string_view>

namespace wharf {

/// Called on the thread that runs the op, so on several at once where it watches several connections. Must not throw,
/// nor use the connection that it is told of. Outlives what it watches. What it is given is valid during the call.
class statement_observer {
public:
    virtual ~statement_observer() = default;

    /// A statement is about to be sent.
    virtual void on_statement(std::string_view sql, std::size_t parameter_count) {
        static_cast<void>(sql), static_cast<void>(parameter_count);
    }
    /// A wait for a reply with nothing left to send is over.
    virtual void on_round_trip() {}

    /// The server sent a notice, warning or log message, at any time: while a statement or a COPY runs, and also during
    /// login. Each text is cut at 64 KiB.
    virtual void on_notice(const diagnostic& notice) { static_cast<void>(notice); }
    /// The server reports that one of its settings has this value now (search_path is not one that it reports before
    /// version 18; TimeZone, in_hot_standby and a dozen others are). Those that it has at login are not changes.
    virtual void on_parameter_change(std::string_view name, std::string_view value) {
        static_cast<void>(name), static_cast<void>(value);
    }
    /// A notification came for a channel that this connection listens to.
    virtual void on_notification(const notification_view& arrived) { static_cast<void>(arrived); }
};

} // namespace wharf
