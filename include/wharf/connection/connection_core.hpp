// One open connection with its transactions: what leases and sessions work through.
//
// Nothing is sent for begin() and savepoint(): their statements travel in front of the next one, in its write. The same
// goes for what a scope leaves to be undone when it ends without a commit.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/connection/observer_pair.hpp"
#include "wharf/connection/transaction_options.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace wharf {

/// Whether a batch ends its transaction.
enum class then : std::uint8_t { nothing, commit };

/// How a transaction has ended that was not ended through its level: by a COMMIT or ROLLBACK that was run as a
/// statement.
enum class ended_outside : std::uint8_t { no, committed, rolled_back };

/// Where a connection gets another driver from.
class driver_source {
public:
    /// Puts another driver into the connection that belongs to it, or throws: `why`, where there is none to be had.
    [[nodiscard]] virtual io::op<void> replace_driver(std::exception_ptr why) = 0;

protected:
    driver_source() = default;
    driver_source(const driver_source&) = delete;
    driver_source& operator=(const driver_source&) = delete;
    ~driver_source() = default;
};

/// Used by one op at a time; a second one at once throws concurrent_use.
class connection_core {
public:
    explicit connection_core(std::unique_ptr<driver> opened);

    /// Runs one statement and returns its rows; throws its error. The text must outlive the op.
    [[nodiscard]] io::op<result> run_one(std::string_view sql, parameters values);
    /// Runs a batch. Errors of statements are left in their items; throws connection_error, timed_out and cancelled,
    /// and the error of a BEGIN or SAVEPOINT in front of it, whose level has then ended. With `then::commit` the
    /// transaction is committed in the same write if all items succeed; the failure of the COMMIT itself is thrown,
    /// after which the transaction is over. A batch that begins or commits a transaction is one group: its first error
    /// skips the rest, or what follows would run outside the transaction.
    [[nodiscard]] io::op<void> run(std::span<batch_item> items, then afterwards = then::nothing);
    /// Runs one statement whose rows are taken as they come; throws its error. The text and the values must outlive the
    /// op. The connection is busy until the stream has ended or was left.
    [[nodiscard]] io::op<std::unique_ptr<row_stream>> open_rows(std::string_view sql, const parameters* values,
                                                                stream_options options);

    /// Runs a script: see driver::run_script. What stands in front of it (BEGIN) travels by itself. The text must
    /// outlive the op.
    [[nodiscard]] io::op<script_outcome> run_script(std::string_view text, script_options options);

    /// Opens a transaction: level 0. Throws usage_error when one is open.
    std::size_t begin(const transaction_options& options = {});
    /// Opens a savepoint in the open transaction and returns its level, from 1.
    std::size_t savepoint();
    /// Commits the transaction (level 0) or releases a savepoint. Inner levels that are still open end with it. Throws
    /// transaction_aborted when an earlier error has left nothing to commit.
    [[nodiscard]] io::op<void> commit(std::size_t level = 0);
    [[nodiscard]] io::op<void> rollback(std::size_t level = 0);
    /// Gives up a level. The whole transaction is rolled back at once, without waiting, where that can be done; else
    /// the level is rolled back in front of the next statement, or by the pool. Does nothing when it has ended.
    void abandon(std::size_t level) noexcept;

    /// Begins a COPY, in one write with what travels in front of it. Returns its number, which the calls below want:
    /// they throw usage_error once it has ended. They throw what copy_driver's own do. Throws usage_error where the
    /// backend has no COPY.
    [[nodiscard]] io::op<std::uint64_t> begin_copy(copy_request what);
    [[nodiscard]] io::op<void> send_copy(std::uint64_t number, std::span<char> frame);
    [[nodiscard]] io::op<std::uint64_t> finish_copy(std::uint64_t number);
    /// Does nothing when it has ended. The reason must outlive the op.
    [[nodiscard]] io::op<void> fail_copy(std::uint64_t number, std::string_view reason);
    [[nodiscard]] io::op<std::span<const std::string_view>> receive_copy(std::uint64_t number);
    /// Leaves it to be ended in front of the next statement, or by the pool. Does nothing when it has ended.
    void abandon_copy(std::uint64_t number) noexcept;

    /// How many levels are open: 0 outside a transaction.
    [[nodiscard]] std::size_t levels() const noexcept { return levels_.size(); }
    [[nodiscard]] bool in_transaction() const noexcept { return !levels_.empty(); }
    /// A number that no other level of this connection has: a scope keeps it, to tell its own level from a later one.
    /// Precondition: level < levels().
    [[nodiscard]] std::uint64_t serial(std::size_t level) const noexcept { return levels_[level].serial; }
    [[nodiscard]] bool is_open(std::size_t level, std::uint64_t serial) const noexcept {
        return level < levels_.size() && levels_[level].serial == serial;
    }
    /// Throws usage_error, which says how it has ended, unless that level is open.
    void require_open(std::size_t level, std::uint64_t serial) const;
    /// How the last transaction that begin() has opened has ended, as far as not through its level.
    [[nodiscard]] ended_outside outside_end() const noexcept { return outside_end_; }
    /// Whether the server has a transaction of this connection open, or will be told to end one.
    [[nodiscard]] bool needs_clean_up() const noexcept;
    /// Ends what the server has not been told of yet. For the pool; true when that was all there was to clean up.
    [[nodiscard]] bool forget_unsent() noexcept {
        if (!levels_.empty()) end_levels(0);
        if (!pending_.empty()) pending_.clear();
        return driver_->status() == transaction_status::idle && !left_stream_;
    }
    /// Rolls back at once what is open, without waiting. For the pool, which counts on; false: there is more to clean
    /// up.
    [[nodiscard]] bool roll_back_now() noexcept { return undo_now(undo::transaction); }
    /// The same, and `undo::session`: resets it. What was sent of it has driver::awaits_undo().
    [[nodiscard]] bool undo_now(undo how) noexcept;
    /// Ends whatever is open, when nothing of the past can reach the next statement any more. For the pool.
    [[nodiscard]] io::op<void> clean_up();

    /// Who watches the connection, until it is given back; null: nobody.
    void observe(statement_observer* observer) noexcept;
    /// Who watches it as long as it is open. For the pool.
    void observe_always(statement_observer* observer) noexcept;
    /// Stops what runs on it, until it is given back; see driver::canceller().
    [[nodiscard]] std::shared_ptr<statement_canceller> canceller();
    /// Takes away what the borrower was given. For the pool.
    void end_lease() noexcept {
        if (gave_canceller_) retire_cancellers();
        if (observers_.user() != nullptr) observe(nullptr);
    }

    /// Who is asked for another driver where the first statement of a lease finds that what came before it could not
    /// be undone; null: nobody. For the pool; it outlives the connection.
    void replaced_by(driver_source* source) noexcept { source_ = source; }
    /// Goes on with `other`; returns what it has worked with so far. For the source.
    [[nodiscard]] std::unique_ptr<driver> exchange_driver(std::unique_ptr<driver> other) noexcept;
    /// Whether the borrower has something that stops statements of this driver.
    [[nodiscard]] bool gave_canceller() const noexcept { return gave_canceller_; }

    /// Ends the connection because its pool is closed: what runs on it fails, and says so. For the pool; any thread.
    void end_with_pool() noexcept {
        ended_with_pool_ = true;
        driver_->terminate();
    }
    /// Whether an op is running on it. Any thread.
    [[nodiscard]] bool busy() const noexcept { return busy_.load(); }
    [[nodiscard]] bool usable() const noexcept { return driver_->usable(); }
    [[nodiscard]] driver& underlying() noexcept { return *driver_; }
    [[nodiscard]] const driver& underlying() const noexcept { return *driver_; }

private:
    class streaming;
    class taken_statements;
    struct open_level {
        bool sent; // whether the server knows of it
        std::uint64_t serial;
    };
    struct pending_statement {
        std::string sql;
        std::size_t owner; // dropped when a level below this number is abandoned: level n owns its own BEGIN as n + 1
        bool opens;        // BEGIN or SAVEPOINT
    };

    /// What travels in front of the next batch, as its items.
    [[nodiscard]] std::vector<pending_statement> take_pending();
    void put_back(std::vector<pending_statement> unsent);
    [[nodiscard]] static std::vector<batch_item> front_items(std::span<const pending_statement> pending,
                                                             std::size_t room_for);
    [[nodiscard]] io::op<void> run_utility(std::string sql);
    [[nodiscard]] io::op<void> take_other_driver(std::exception_ptr why);
    [[nodiscard]] io::op<void> run_with_prefix(std::span<batch_item> items, then afterwards);
    void follow(std::span<const batch_item> statements) noexcept;
    void follow(const script_outcome& script) noexcept;
    void follow_status() noexcept;
    void end_outside(ended_outside how) noexcept;
    [[nodiscard]] std::string has_ended(std::size_t level) const;
    void throw_prefix_error(std::span<const batch_item> items, std::span<const pending_statement> prefix);
    [[nodiscard]] copy_driver& require_copy(std::uint64_t number) const;
    void require_usable() const;
    /// Runs `work` on the driver, and on another one as long as what came before it could not be undone.
    template <class Work>
    [[nodiscard]] std::invoke_result_t<Work&> on_driver(Work& work, std::string_view sql,
                                                        taken_statements* taken = nullptr);
    /// Throws on what is being handled, with what ended `sql`: the limit of the call, or the end of the pool.
    [[noreturn]] void explain(std::string_view sql, const io::task& running) const;
    void require_level(std::size_t level) const;
    void retire_cancellers() noexcept;
    [[nodiscard]] io::op<void> settle();
    void push_level(std::string sql);
    /// Leaves a level to be rolled back in front of the next statement.
    void leave(std::size_t level) noexcept;
    void end_levels(std::size_t first) noexcept;

    std::unique_ptr<driver> driver_;
    std::vector<open_level> levels_{};         // those that are open
    std::vector<pending_statement> pending_{}; // they travel in front of the next batch
    std::uint64_t serials_{0};
    ended_outside outside_end_{ended_outside::no};
    std::uint64_t copy_{0}; // the number of the last COPY
    observer_pair observers_{};
    driver_source* source_{nullptr};
    bool gave_canceller_{false};
    bool left_stream_{false}; // the rest of a stream is still to be taken
    std::atomic<bool> busy_{false};
    std::atomic<bool> ended_with_pool_{false};
};

} // namespace wharf
