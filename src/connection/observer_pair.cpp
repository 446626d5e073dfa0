#include "wharf/connection/observer_pair.hpp"

namespace wharf {

void observer_pair::on_statement(std::string_view sql, std::size_t parameter_count) {
    owner_->on_statement(sql, parameter_count);
    user_->on_statement(sql, parameter_count);
}

void observer_pair::on_round_trip() {
    owner_->on_round_trip();
    user_->on_round_trip();
}

void observer_pair::on_notice(const diagnostic& notice) {
    owner_->on_notice(notice);
    user_->on_notice(notice);
}

void observer_pair::on_parameter_change(std::string_view name, std::string_view value) {
    owner_->on_parameter_change(name, value);
    user_->on_parameter_change(name, value);
}

void observer_pair::on_notification(const notification_view& arrived) {
    owner_->on_notification(arrived);
    user_->on_notification(arrived);
}

} // namespace wharf
