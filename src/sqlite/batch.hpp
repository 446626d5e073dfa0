// A batch under way: what a job works through, on a thread that may block. It owns all it needs, since the op that
// asked for it, and the items with it, may be gone before the job has ended.
#pragma once

#include "sqlite/database.hpp"
#include "wharf/connection/driver.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::sqlite {

/// Used by one thread at a time.
class batch {
public:
    /// `transaction_failed`: SQLite has rolled back the transaction of this connection, and its owner does not know.
    batch(std::shared_ptr<database> on, std::span<const batch_item> items, bool reset_first, bool transaction_failed);

    /// What run() stopped for.
    enum class stop : std::uint8_t { done, needs_gate };

    /// Runs items until all are done or the next one needs the write gate and another connection is inside. Throws
    /// what makes the connection unusable.
    [[nodiscard]] stop run();
    /// The write gate did not open, or never would: the item that needs it fails.
    void give_up_gate(std::exception_ptr why);
    /// Whether a COMMIT is part of it.
    [[nodiscard]] bool commits() const noexcept;
    [[nodiscard]] std::string_view waiting_sql() const noexcept { return items_[next_].sql; }

    /// Moves the results to the items of whom they belong to. After run() has returned `done`.
    void deliver(std::span<batch_item> items);
    [[nodiscard]] transaction_status status() const noexcept;
    [[nodiscard]] database& on() const noexcept { return *on_; }

private:
    struct item {
        std::string sql{};
        std::string_view rest{}; // of sql, not run yet
        parameters values{};
        bool has_values{false};
        bool wants_rows{false};
        bool utility{false};
        bool end_of_group{false};
        bool skipped{false};
        bool undone{false};
        result rows{};
        std::uint64_t affected{0};
        std::exception_ptr error{};
    };

    void reset();
    [[nodiscard]] bool enter_group();
    [[nodiscard]] bool group_is_transaction() const;
    [[nodiscard]] bool group_writes();
    void finish_group();
    [[nodiscard]] bool run_item(item& what);
    [[nodiscard]] bool run_command(item& what);
    [[nodiscard]] std::exception_ptr error_of(int code, statement& failed, std::string_view sql);
    void run_statement(item& what, statement& prepared, std::string_view sql);
    void run_in_failed_transaction(const item& what);
    void fail(item& what, std::exception_ptr error);
    void skip_group();
    void undo_group() noexcept;

    std::shared_ptr<database> on_; // shared with the driver and other jobs
    std::vector<item> items_;
    std::size_t next_{0};
    std::size_t group_end_{0};
    std::size_t group_begin_{0};
    bool reset_first_;
    bool transaction_failed_;
    bool own_transaction_{false}; // around the current group
    bool group_failed_{false};
};

} // namespace wharf::sqlite
