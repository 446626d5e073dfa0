#include "sqlite/driver.hpp"

#include "sqlite/errors.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <utility>

namespace wharf::sqlite {
namespace {

/// One go at a batch, as a job.
struct batch_job {
    std::shared_ptr<batch> work; // shared with the op
    activity::token running;
    batch::stop operator()() const { return work->run(); }
};

struct close_job {
    std::shared_ptr<database> closing; // shared with the op
    void operator()() const noexcept { closing->close(); }
};

/// The job runs on, and may come to its COMMIT.
[[noreturn]] void rethrow_given_up(const std::exception_ptr& why, const batch& work) {
    try {
        std::rethrow_exception(why);
    } catch (const error& ended) {
        if (!work.commits()) throw;
        throw commit_outcome_unknown(
            std::string("the wait for COMMIT was given up: the transaction may have been committed or not. ") +
            ended.what());
    }
}

class interrupter final : public statement_canceller {
public:
    interrupter(std::shared_ptr<database> on, std::shared_ptr<wharf::detail::cancel_gate> gate)
        : on_(std::move(on)), gate_(std::move(gate)) {}

    [[nodiscard]] io::op<bool> request() override { return send(on_, gate_); }

private:
    static io::op<bool> send(std::shared_ptr<database> on, std::shared_ptr<wharf::detail::cancel_gate> gate) {
        co_return gate->stop_running([&on] { on->interrupt(); });
    }

    std::shared_ptr<database> on_;                     // shared with the driver
    std::shared_ptr<wharf::detail::cancel_gate> gate_; // likewise
};

} // namespace

std::shared_ptr<statement_canceller> sqlite_driver::canceller() {
    if (!gate_) gate_ = std::make_shared<wharf::detail::cancel_gate>();
    return std::make_shared<interrupter>(database_, gate_);
}

void sqlite_driver::reset_before_next() noexcept {
    reset_next_ = true;
    if (usable_) database_->forget_holder();
}

void sqlite_driver::retire_cancellers() noexcept {
    if (gate_) gate_->retire();
    gate_ = nullptr;
}

void sqlite_driver::announce(std::span<const batch_item> items) {
    ++counters_.batches;
    counters_.statements += items.size();
    ++counters_.round_trips;
    if (observer_ == nullptr) return;
    for (const auto& item : items)
        observer_->on_statement(item.sql, item.values == nullptr ? 0 : item.values->size());
}

io::op<void> sqlite_driver::run(std::span<batch_item> items) {
    if (!usable_)
        throw connection_lost("this connection to SQLite was left in an uncertain state and is not used again");
    if (items.empty() && !reset_next_) co_return;
    announce(items);
    co_await run_unseen(items);
    if (observer_ != nullptr) observer_->on_round_trip();
}

io::op<void> sqlite_driver::run_unseen(std::span<batch_item> items) {
    guard unless_done(*this);
    auto work = std::make_shared<batch>(database_, items, std::exchange(reset_next_, false),
                                        status_ == transaction_status::failed);
    co_await work_through(work);
    work->deliver(items);
    status_ = work->status();
    if (!database_->broken()) unless_done.dismiss();
}

io::op<void> sqlite_driver::work_through(std::shared_ptr<batch> work) {
    for (;;) {
        io::task& self = co_await io::this_task();
        database_->set_deadline(self.deadline());
        batch_job go(work, activity::token(database_->jobs()));
        std::exception_ptr given_up;
        auto stopped = batch::stop::done;
        try {
            stopped = co_await io::offload(std::move(go));
        } catch (const timed_out&) {
            given_up = std::current_exception();
        } catch (const cancelled&) {
            given_up = std::current_exception();
        }
        if (given_up) rethrow_given_up(given_up, *work);
        if (stopped == batch::stop::done) co_return;
        const bool entered = co_await pass_gate();
        if (!entered) work->give_up_gate(gate_error(work->waiting_sql()));
    }
}

io::op<bool> sqlite_driver::pass_gate() {
    if (database_->would_wait_for_itself()) co_return false;
    const auto limit = deadline_after(clock::now(), database_->options().gate_timeout);
    const bool entered = co_await enter(database_->gate(), limit);
    if (entered) database_->take_over_gate();
    co_return entered;
}

std::exception_ptr sqlite_driver::gate_error(std::string_view sql) const {
    const auto& file = database_->options().description;
    if (database_->would_wait_for_itself()) {
        return std::make_exception_ptr(usage_error(
            "another connection of this thread has written to " + file +
            " in a transaction that is still open, and SQLite allows one writer: waiting for it would not end. Commit "
            "or roll back there first, or do this in that transaction"));
    }
    return make_error("55P03",
                      "another transaction of this process has been writing to " + file +
                          " for too long; SQLite allows one at a time",
                      sql);
}

// No op runs, so no job uses the database: one that was given up half-way has made the connection unusable.
bool sqlite_driver::undo_now(undo how) noexcept {
    if (!usable_) return false;
    if (how == undo::session) reset_before_next(); // nobody else can feel what it undoes
    if (status_ == transaction_status::idle) return true;
    try {
        if (observer_ != nullptr) observer_->on_statement("ROLLBACK", 0);
        database_->set_deadline(never);
        if (database_->in_transaction()) database_->execute("ROLLBACK");
        database_->leave_gate();
    } catch (...) {
        return false; // it is left to clean up
    }
    status_ = transaction_status::idle;
    return true;
}

io::op<void> sqlite_driver::ping() {
    batch_item item;
    item.sql = "SELECT count(*) FROM sqlite_schema";
    const std::span<batch_item> items(&item, 1);
    if (usable_) co_await run_unseen(items);
    if (usable_ && !item.error) co_return;
    usable_ = false;
    throw connection_lost("the database file can no longer be read");
}

io::op<void> sqlite_driver::close() {
    usable_ = false;
    auto settled = co_await io::make_parking_spot();
    if (!database_->jobs()->settled_or_notify(settled)) {
        database_->cancel();
        const io::wake how = co_await io::park(settled);
        io::detail::throw_unless_ready(how);
    }
    close_job last(database_);
    co_await io::offload(std::move(last));
    status_ = transaction_status::idle;
}

} // namespace wharf::sqlite
