// Running a script on a connection to SQLite.
#include "sqlite/driver.hpp"
#include "sqlite/errors.hpp"
#include "sqlite/keyword.hpp"
#include "sqlite/script.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <utility>

namespace wharf::sqlite {
namespace {

/// One go at a script, as a job.
struct script_job {
    std::shared_ptr<script> work; // shared with the op
    activity::token running;
    script::stop operator()() const { return work->run(); }
};

} // namespace

io::op<script_outcome> sqlite_driver::run_script(std::string_view text, script_options options) {
    if (!usable_)
        throw connection_lost("this connection to SQLite was left in an uncertain state and is not used again");
    const std::span<batch_item> nothing;
    if (reset_next_) co_await run_unseen(nothing);
    if (status_ == transaction_status::failed) {
        script_outcome refused;
        refused.error = make_error(
            "25P02", "not run: an earlier error has rolled back the transaction; end it with ROLLBACK", text);
        co_return std::move(refused);
    }
    if (observer_ != nullptr) observer_->on_statement(text, 0);
    ++counters_.round_trips;
    guard unless_done(*this);
    const bool in_transaction = database_->in_transaction();
    auto work = std::make_shared<script>(database_, text, options);
    for (bool done = false; !done;) {
        io::task& self = co_await io::this_task();
        database_->set_deadline(self.deadline());
        script_job go(work, activity::token(database_->jobs()));
        const auto stopped = co_await io::offload(std::move(go));
        done = stopped == script::stop::done;
        if (done) break;
        const bool entered = co_await pass_gate();
        if (entered) continue;
        work->give_up_gate(gate_error(work->waiting_sql()));
        done = true;
    }
    auto& outcome = work->outcome();
    counters_.statements += outcome.results.size() + (outcome.error ? 1 : 0);
    if (database_->in_transaction())
        status_ = transaction_status::active;
    else
        status_ = outcome.error && in_transaction ? transaction_status::failed : transaction_status::idle;
    if (!database_->broken()) unless_done.dismiss();
    if (observer_ != nullptr) observer_->on_round_trip();
    co_return std::move(outcome);
}

} // namespace wharf::sqlite
