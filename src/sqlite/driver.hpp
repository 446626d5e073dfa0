// A connection to SQLite.
#pragma once

#include "connection/cancel_gate.hpp"
#include "sqlite/batch.hpp"
#include "sqlite/database.hpp"
#include "wharf/connection/driver.hpp"

#include <memory>

namespace wharf::sqlite {

class sqlite_driver final : public driver {
public:
    explicit sqlite_driver(std::shared_ptr<database> opened) noexcept : database_(std::move(opened)) {}

    [[nodiscard]] io::op<void> run(std::span<batch_item> items) override;
    [[nodiscard]] io::op<std::unique_ptr<row_stream>> open_rows(std::span<batch_item> items,
                                                                stream_options options) override;
    [[nodiscard]] io::op<script_outcome> run_script(std::string_view text, script_options options) override;
    void reset_before_next() noexcept override;
    [[nodiscard]] bool undo_now(undo how) noexcept override;
    [[nodiscard]] io::op<void> ping() override;
    [[nodiscard]] io::op<void> close() override;
    void terminate() noexcept override { database_->cancel(); }
    [[nodiscard]] std::shared_ptr<statement_canceller> canceller() override;
    void retire_cancellers() noexcept override;
    [[nodiscard]] backend kind() const noexcept override { return backend::sqlite; }
    [[nodiscard]] transaction_status status() const noexcept override { return status_; }
    [[nodiscard]] bool usable() const noexcept override { return usable_; }
    [[nodiscard]] const driver_counters& counters() const noexcept override { return counters_; }
    void observe(statement_observer* observer) noexcept override { observer_ = observer; }

private:
    class guard;
    class cursor_stream;
    /// run() without counting and telling the observer.
    [[nodiscard]] io::op<void> run_unseen(std::span<batch_item> items);
    /// Runs jobs, and waits for the write gate between them, until the batch is done.
    [[nodiscard]] io::op<void> work_through(std::shared_ptr<batch> work);
    /// Waits for the write gate; false: in vain, see gate_error().
    [[nodiscard]] io::op<bool> pass_gate();
    [[nodiscard]] std::exception_ptr gate_error(std::string_view sql) const;
    /// Runs what stands in front of a stream; its error, if any, is that of the last item too.
    [[nodiscard]] io::op<void> run_front(std::span<batch_item> items);
    void announce(std::span<const batch_item> items);

    std::shared_ptr<database> database_;                 // shared with the jobs that still use it
    std::shared_ptr<wharf::detail::cancel_gate> gate_{}; // shared with the borrower's cancellers; null: there are none
    statement_observer* observer_{nullptr};
    driver_counters counters_{};
    transaction_status status_{transaction_status::idle};
    bool usable_{true};
    bool reset_next_{false};
};

/// Ends the connection unless an op runs to its end: it was destroyed, its deadline passed, or it threw.
class sqlite_driver::guard {
public:
    explicit guard(sqlite_driver& guarded) noexcept : guarded_(&guarded), gate_(guarded.gate_) {
        if (gate_) gate_->begin();
    }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    ~guard() {
        if (gate_) gate_->end();
        if (guarded_ == nullptr) return;
        guarded_->usable_ = false;
        guarded_->database_->cancel();
    }
    void dismiss() noexcept { guarded_ = nullptr; }

private:
    sqlite_driver* guarded_;
    std::shared_ptr<wharf::detail::cancel_gate> gate_; // shared with the driver
};

} // namespace wharf::sqlite
