// Two observers of one connection: the borrower's and its owner's.
#pragma once

#include "wharf/connection/statement_observer.hpp"

namespace wharf {

/// Passes on to both. Used by whoever has the connection.
class observer_pair final : public statement_observer {
public:
    observer_pair() = default;
    observer_pair(const observer_pair&) = delete;
    observer_pair& operator=(const observer_pair&) = delete;

    void watch_for_owner(statement_observer* observer) noexcept { owner_ = observer; }
    void watch_for_user(statement_observer* observer) noexcept { user_ = observer; }
    [[nodiscard]] statement_observer* user() const noexcept { return user_; }
    /// Whom to tell: this only where there are two.
    [[nodiscard]] statement_observer* target() noexcept {
        if (owner_ == nullptr || owner_ == user_) return user_;
        return user_ == nullptr ? owner_ : this;
    }

    void on_statement(std::string_view sql, std::size_t parameter_count) override;
    void on_round_trip() override;
    void on_notice(const diagnostic& notice) override;
    void on_parameter_change(std::string_view name, std::string_view value) override;
    void on_notification(const notification_view& arrived) override;

private:
    statement_observer* owner_{nullptr};
    statement_observer* user_{nullptr};
};

} // namespace wharf
