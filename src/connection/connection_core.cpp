#include "wharf/connection/connection_core.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <utility>

namespace wharf {
namespace {

std::string savepoint_name(std::size_t level) {
    return "wharf_" + std::to_string(level);
}

batch_item utility_item(std::string_view sql) {
    batch_item item;
    item.sql = sql;
    item.utility = true;
    return item;
}

/// Marks the connection as in use, and refuses a second user.
class busy_scope {
public:
    explicit busy_scope(bool& busy) : busy_(busy) {
        if (busy) {
            throw concurrent_use("this connection is running a statement for another thread or coroutine; "
                                 "a connection serves one at a time");
        }
        busy = true;
    }
    busy_scope(const busy_scope&) = delete;
    busy_scope& operator=(const busy_scope&) = delete;
    ~busy_scope() { busy_ = false; }

private:
    bool& busy_;
};

} // namespace

connection_core::connection_core(std::unique_ptr<driver> opened) : driver_(std::move(opened)) {}

io::op<result> connection_core::run_one(std::string_view sql, parameters values) {
    result rows;
    batch_item item;
    item.sql = sql;
    item.values = &values;
    item.rows = &rows;
    co_await run(std::span(&item, 1));
    if (item.error) std::rethrow_exception(item.error);
    rows.set_affected(item.affected);
    co_return std::move(rows);
}

io::op<void> connection_core::run(std::span<batch_item> items, then afterwards) {
    const busy_scope in_use(busy_);
    if (!driver_->usable()) {
        throw connection_lost("the connection has ended or was left in an uncertain state by an earlier failure");
    }
    if (afterwards == then::commit || !pending_.empty()) {
        co_await run_with_prefix(items, afterwards);
    } else {
        co_await driver_->run(items);
    }
    if (driver_->status() == transaction_status::idle) end_levels(0);
}

io::op<void> connection_core::run_with_prefix(std::span<batch_item> items, then afterwards) {
    // The texts stay here until the driver is done with them; abandon() may refill pending_ meanwhile.
    const auto prefix = std::exchange(pending_, {});
    std::fill(sent_.begin(), sent_.end(), true);

    std::vector<batch_item> all;
    all.reserve(prefix.size() + items.size() + 1);
    for (const auto& statement : prefix) {
        all.push_back(utility_item(statement.sql));
        all.back().end_of_group = statement.owner == 0; // a ROLLBACK, or a later BEGIN would be skipped with it
    }
    all.insert(all.end(), items.begin(), items.end());
    const bool commits = afterwards == then::commit && in_transaction();
    if (commits) all.push_back(utility_item("COMMIT"));

    co_await driver_->run(all);

    const auto first = all.begin() + static_cast<std::ptrdiff_t>(prefix.size());
    std::copy(first, first + static_cast<std::ptrdiff_t>(items.size()), items.begin());
    if (driver_->status() == transaction_status::idle) end_levels(0);
    const auto failed = std::find_if(all.begin(), first, [](const batch_item& item) { return item.error != nullptr; });
    if (failed != first) std::rethrow_exception(failed->error);
    if (commits && all.back().error && !all.back().skipped) std::rethrow_exception(all.back().error);
}

io::op<void> connection_core::run_utility(std::string sql) {
    auto item = utility_item(sql);
    co_await run(std::span(&item, 1));
    if (item.error) std::rethrow_exception(item.error);
}

std::size_t connection_core::begin(const transaction_options& options) {
    if (in_transaction()) {
        throw usage_error("a transaction is already open on this connection; use a savepoint to nest");
    }
    pending_.push_back({begin_statement(driver_->kind(), options), 1});
    sent_.push_back(false);
    return 0;
}

std::size_t connection_core::savepoint() {
    if (!in_transaction()) throw usage_error("a savepoint needs an open transaction");
    const auto level = sent_.size();
    pending_.push_back({"SAVEPOINT " + savepoint_name(level), level + 1});
    sent_.push_back(false);
    return level;
}

io::op<void> connection_core::commit(std::size_t level) {
    require_level(level);
    if (!sent_[level]) {
        std::erase_if(pending_, [level](const pending_statement& statement) { return statement.owner > level; });
        end_levels(level);
        co_return;
    }
    if (level == 0) {
        const std::span<batch_item> no_items;
        co_await run(no_items, then::commit);
        end_levels(0);
    } else {
        co_await run_utility("RELEASE SAVEPOINT " + savepoint_name(level));
        end_levels(level);
    }
}

io::op<void> connection_core::rollback(std::size_t level) {
    require_level(level);
    abandon(level);
    if (pending_.empty()) co_return;
    const auto waiting = std::exchange(pending_, {});
    std::string last = waiting.back().sql;
    pending_.assign(waiting.begin(), waiting.end() - 1);
    co_await run_utility(std::move(last));
}

void connection_core::abandon(std::size_t level) noexcept {
    if (level >= sent_.size()) return;
    const bool sent = sent_[level];
    end_levels(level);
    std::erase_if(pending_, [level](const pending_statement& statement) { return statement.owner > level; });
    if (!sent) return;
    if (level == 0) {
        pending_.push_back({"ROLLBACK", 0});
    } else {
        pending_.push_back({"ROLLBACK TO SAVEPOINT " + savepoint_name(level), level});
        pending_.push_back({"RELEASE SAVEPOINT " + savepoint_name(level), level});
    }
}

bool connection_core::needs_clean_up() const noexcept {
    return driver_->status() != transaction_status::idle || in_transaction() || !pending_.empty();
}

io::op<void> connection_core::clean_up() {
    end_levels(0);
    pending_.clear();
    if (driver_->status() != transaction_status::idle) co_await run_utility("ROLLBACK");
}

void connection_core::require_level(std::size_t level) const {
    if (level < sent_.size()) return;
    throw usage_error(level == 0 ? "this transaction has ended" : "this savepoint has ended");
}

void connection_core::end_levels(std::size_t first) noexcept {
    if (first < sent_.size()) sent_.resize(first);
}

} // namespace wharf
