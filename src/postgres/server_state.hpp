// What the server has told about itself and this connection, apart from the answers to statements.
#pragma once

#include "postgres/protocol/frame.hpp"
#include "postgres/protocol/session_state.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/postgres/settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wharf::postgres {

class server_state {
public:
    /// Takes in a message that may come at any time: a notice, a notification or a changed setting. False: it is none
    /// of these. Throws protocol_violation, and connection_lost when client_encoding is not UTF8 at login.
    bool take(const protocol::frame& message);

    /// Tells it first what nobody has been told of yet: the notices of login.
    void observe(statement_observer* observer) noexcept;
    /// Login is over: settings that are reported from now on have changed.
    void logged_in() noexcept { logged_in_ = true; }
    [[nodiscard]] statement_observer* observer() const noexcept { return observer_; }
    /// What client_encoding has become since login, if it is not UTF8: text is not what it was any more. Empty: it is.
    [[nodiscard]] const std::string& foreign_encoding() const noexcept { return foreign_encoding_; }
    /// What the server is to be: what target_session_attrs asks for.
    void expect(session_target what) noexcept { target_ = what; }
    /// A statement was refused since it would write in a read-only transaction.
    void note_refused_write() noexcept { refused_write_ = true; }
    /// False: it has said that it does not take writes, and is to take some.
    [[nodiscard]] bool is_fit() const noexcept;
    /// A setting that the server reports; empty when it has not.
    [[nodiscard]] std::string_view setting(std::string_view name) const;

    transaction_status status{transaction_status::idle};
    std::optional<protocol::cancel_key> key{};

private:
    void take_notice(diagnostic notice);
    void take_setting(const protocol::parameter_status& reported);

    std::map<std::string, std::string, std::less<>> settings_{};
    std::vector<diagnostic> notices_of_login_{};
    std::string foreign_encoding_{};
    statement_observer* observer_{nullptr};
    session_target target_{session_target::any};
    bool logged_in_{false};
    bool refused_write_{false};
};

} // namespace wharf::postgres
