// One open handle of SQLite with everything that belongs to it. The jobs that use it share it with its driver, so that
// it lives until the last of them has ended, whatever has become of the op that asked for it.
#pragma once

#include "sqlite/activity.hpp"
#include "sqlite/inherited_files.hpp"
#include "sqlite/session_settings.hpp"
#include "sqlite/settings.hpp"
#include "sqlite/statement.hpp"
#include "sqlite/write_gate.hpp"
#include "wharf/base/time.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct sqlite3;

namespace wharf::sqlite {

/// Used by one thread at a time, except for cancel().
class database {
public:
    /// Opens the file and prepares it. Blocks. Throws connect_failed, in a child of fork(2) too (inherited_files.hpp).
    database(settings options, std::shared_ptr<write_gate> gate);
    database(const database&) = delete;
    database& operator=(const database&) = delete;
    /// Closes without writing the log back into the file; an open transaction is rolled back.
    ~database();

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[nodiscard]] const settings& options() const noexcept { return options_; }
    [[nodiscard]] bool in_transaction() const noexcept;

    /// A cached or newly prepared statement, good until the next call. `sql` is shortened to what follows the first
    /// command in it; only single commands are cached. Throws database_error.
    [[nodiscard]] statement& prepare(std::string_view& sql);
    /// Runs a command of the driver's own. Throws database_error.
    void execute(const char* sql);
    /// The rows of a query of the driver's own, each of its values as text, NULL as no text. Throws database_error.
    [[nodiscard]] std::vector<std::vector<std::string>> query(const char* sql);
    /// The error of the last call, which returned `code`.
    [[nodiscard]] std::exception_ptr error(int code, std::string_view sql);

    /// The tables that a statement would write to, by triggers and foreign keys too; none where it cannot be prepared.
    [[nodiscard]] std::vector<std::string> tables_written_by(std::string_view sql);
    /// Interrupts what runs from now on after about 4,000 times as many steps; 0: when it is to stop only.
    void limit_looks(int looks) noexcept { looks_left_ = looks; }

    /// Undoes what a borrower may have left: a transaction, settings, attached databases, temporary tables.
    void reset();
    /// Notes that a statement has changed what reset() undoes.
    void note_session_change() noexcept { session_changed_ = true; }

    // The write gate.
    [[nodiscard]] bool holds_gate() const noexcept { return holds_gate_; }
    [[nodiscard]] bool try_hold_gate() { return holds_gate_ || (holds_gate_ = gate_->try_enter()); }
    /// Somebody has entered the gate for this connection.
    void take_over_gate() noexcept { holds_gate_ = true; }
    void leave_gate();
    [[nodiscard]] const std::shared_ptr<write_gate>& gate() const noexcept { return gate_; }
    /// A job runs in this thread now.
    void note_thread() noexcept { thread_ = std::this_thread::get_id(); }
    /// It holds the gate for a transaction that it leaves open, if it does.
    void note_holder() {
        if (holds_gate_) gate_->note_holder(thread_);
    }
    /// Whether waiting for the gate in this thread would never end: its work is done by the thread itself, and so was
    /// that of the transaction that holds the gate.
    [[nodiscard]] bool would_wait_for_itself() const {
        return thread_ == std::this_thread::get_id() && gate_->is_held_by(thread_);
    }
    /// Nobody's any more: the pool will end the transaction.
    void forget_holder() {
        if (holds_gate_) gate_->note_holder({});
    }

    // Ends of what is running.
    void set_deadline(time_point deadline) noexcept { deadline_ = deadline; }
    /// Stops a running statement and everything after it. Any thread, at any time.
    void cancel() noexcept;
    /// Stops a running statement. Any thread, at any time.
    void interrupt() noexcept;
    /// Throws timed_out or cancelled when what runs is to end.
    void throw_if_stopped() const;
    [[nodiscard]] bool broken() const noexcept { return broken_; }

    [[nodiscard]] const std::shared_ptr<activity>& jobs() const noexcept { return jobs_; }
    /// Closes with everything that belongs to it, which may write. Blocks.
    void close() noexcept;

private:
    struct callbacks; // what SQLite calls
    void open();
    void configure();
    void apply_settings();
    void switch_journal(duration patience);
    int note_written(const char* table) noexcept;
    void drop_temporary_objects();
    void detach_databases();
    [[nodiscard]] bool stopped() const noexcept;
    void shut(bool write_back) noexcept;

    settings options_;
    std::shared_ptr<write_gate> gate_;                             // shared with the other connections of the connector
    std::shared_ptr<activity> jobs_{std::make_shared<activity>()}; // shared with the jobs
    std::mutex closing_; // held by cancel(), interrupt() and while handle_ is closed
    std::optional<open_handle_count> counted_{};
    sqlite3* handle_{nullptr};
    session_settings settings_of_new_{};
    statement_cache statements_{};
    statement uncached_{};
    time_point deadline_{never};
    time_point busy_since_{};
    std::thread::id thread_{}; // of the last job
    std::atomic<bool> cancelled_{false};
    std::vector<std::string>* written_{nullptr}; // where tables_written_by() collects
    int looks_left_{0};
    bool holds_gate_{false};
    bool preparing_session_change_{false};
    bool session_changed_{false};
    bool broken_{false};
};

} // namespace wharf::sqlite
