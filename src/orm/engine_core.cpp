#include "wharf/orm/engine_core.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>

namespace wharf::orm {

pool_core& engine_core::pool() const {
    if (auto* const pool = pool_.load(std::memory_order_acquire)) return *pool;
    throw usage_error("the engine of this session has gone; an engine outlives its sessions");
}

void engine_core::add_watcher(statement_watcher& watcher) {
    const std::lock_guard lock(mutex_);
    watchers_.push_back(&watcher);
    watched_.store(true, std::memory_order_release);
}

void engine_core::remove_watcher(statement_watcher& watcher) noexcept {
    const std::lock_guard lock(mutex_);
    std::erase(watchers_, &watcher);
    watched_.store(!watchers_.empty(), std::memory_order_release);
}

void engine_core::before_batch(std::span<const batch_item> items) {
    if (!is_watched()) return;
    const std::lock_guard lock(mutex_);
    for (auto* const watcher : watchers_)
        watcher->before_batch(items);
}

bool engine_core::may_have_sequence(const class_descriptor& type) const {
    const std::lock_guard lock(mutex_);
    return std::find(without_sequence_.begin(), without_sequence_.end(), &type) == without_sequence_.end();
}

void engine_core::has_no_sequence(const class_descriptor& type) {
    const std::lock_guard lock(mutex_);
    without_sequence_.push_back(&type);
}

void engine_core::fan::on_statement(std::string_view sql, std::size_t parameter_count) {
    const std::lock_guard lock(of_.mutex_);
    for (auto* const watcher : of_.watchers_)
        watcher->on_statement(sql, parameter_count);
}

void engine_core::fan::on_round_trip() {
    const std::lock_guard lock(of_.mutex_);
    for (auto* const watcher : of_.watchers_)
        watcher->on_round_trip();
}

void engine_core::fan::on_notice(const diagnostic& notice) {
    const std::lock_guard lock(of_.mutex_);
    for (auto* const watcher : of_.watchers_)
        watcher->on_notice(notice);
}

void engine_core::fan::on_parameter_change(std::string_view name, std::string_view value) {
    const std::lock_guard lock(of_.mutex_);
    for (auto* const watcher : of_.watchers_)
        watcher->on_parameter_change(name, value);
}

void engine_core::fan::on_notification(const notification_view& arrived) {
    const std::lock_guard lock(of_.mutex_);
    for (auto* const watcher : of_.watchers_)
        watcher->on_notification(arrived);
}

} // namespace wharf::orm
