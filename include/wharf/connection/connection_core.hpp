// One open connection with its transactions: what leases and sessions work through.
//
// Nothing is sent for begin() and savepoint(): their statements travel in front of the next one, in its write. The same
// goes for what a scope leaves to be undone when it ends without a commit.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/connection/transaction_options.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wharf {

/// Whether a batch ends its transaction.
enum class then : std::uint8_t { nothing, commit };

/// Used by one op at a time; a second one at once throws concurrent_use.
class connection_core {
public:
    explicit connection_core(std::unique_ptr<driver> opened);

    /// Runs one statement and returns its rows; throws its error. The text must outlive the op.
    [[nodiscard]] io::op<result> run_one(std::string_view sql, parameters values);
    /// Runs a batch. Errors of statements are left in their items; throws connection_error, timed_out and cancelled,
    /// and the error of a BEGIN or SAVEPOINT in front of it. With `then::commit` the transaction is committed in the
    /// same write if all items succeed; the failure of the COMMIT itself is thrown, after which the transaction is
    /// over.
    [[nodiscard]] io::op<void> run(std::span<batch_item> items, then afterwards = then::nothing);

    /// Opens a transaction: level 0. Throws usage_error when one is open.
    std::size_t begin(const transaction_options& options = {});
    /// Opens a savepoint in the open transaction and returns its level, from 1.
    std::size_t savepoint();
    /// Commits the transaction (level 0) or releases a savepoint. Inner levels that are still open end with it.
    [[nodiscard]] io::op<void> commit(std::size_t level = 0);
    [[nodiscard]] io::op<void> rollback(std::size_t level = 0);
    /// Leaves a level to be rolled back in front of the next statement, or by the pool. Does nothing when it has ended.
    void abandon(std::size_t level) noexcept;

    /// How many levels are open: 0 outside a transaction.
    [[nodiscard]] std::size_t levels() const noexcept { return sent_.size(); }
    [[nodiscard]] bool in_transaction() const noexcept { return !sent_.empty(); }
    /// Whether the server has a transaction of this connection open, or will be told to end one.
    [[nodiscard]] bool needs_clean_up() const noexcept;
    /// Ends whatever is open. For the pool.
    [[nodiscard]] io::op<void> clean_up();

    [[nodiscard]] bool usable() const noexcept { return driver_->usable(); }
    [[nodiscard]] driver& underlying() noexcept { return *driver_; }
    [[nodiscard]] const driver& underlying() const noexcept { return *driver_; }

private:
    struct pending_statement {
        std::string sql;
        std::size_t owner; // dropped when a level below this number is abandoned: level n owns its own BEGIN as n + 1
    };

    [[nodiscard]] io::op<void> run_utility(std::string sql);
    [[nodiscard]] io::op<void> run_with_prefix(std::span<batch_item> items, then afterwards);
    void require_level(std::size_t level) const;
    void end_levels(std::size_t first) noexcept;

    std::unique_ptr<driver> driver_;
    std::vector<bool> sent_{};                 // per open level: whether the server knows of it
    std::vector<pending_statement> pending_{}; // they travel in front of the next batch
    bool busy_{false};
};

} // namespace wharf
