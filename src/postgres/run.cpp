// Running a batch on a connection.
#include "postgres/batch_run.hpp"
#include "postgres/connection.hpp"
#include "postgres/given_up.hpp"
#include "postgres/protocol/simple_query.hpp"
#include "postgres/reset.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <string>
#include <utility>
#include <vector>

namespace wharf::postgres {
namespace {

void forget_outcomes(std::span<batch_item> items) noexcept {
    for (batch_item& item : items) {
        item.affected = 0;
        item.error = nullptr;
        item.skipped = false;
        item.undone = false;
    }
}

// The reset is still to be done when this ends, in whatever way: also when the op is given up meanwhile.
class reset_owed {
public:
    explicit reset_owed(bool& pending) noexcept : pending_(pending) {}
    reset_owed(const reset_owed&) = delete;
    reset_owed& operator=(const reset_owed&) = delete;
    ~reset_owed() { pending_ = true; }

private:
    bool& pending_;
};

} // namespace

io::op<void> connection::run(std::span<batch_item> items) {
    require_usable();
    if (copy_.open) co_await settle_copy();
    if (!settled()) co_await settle();
    const io::task& self = co_await io::this_task();
    in_flight flight(*this, self.when_given_up().value_or(when_given_up_));
    co_await run_through(items, nullptr, flight);
    end_run();
    land(flight);
}

io::op<void> connection::run_through(std::span<batch_item> items, open_portal* streamed, in_flight& flight) {
    std::exception_ptr failure;
    try {
        if (rest_of_stream_) co_await take_rest_of_stream();
        const bool done = co_await attempt(items, streamed);
        if (!done) co_await attempt_after_failed_reset(items, streamed);
    } catch (...) {
        failure = std::current_exception();
        if (!was_given_up(failure)) flight.lost();
    }
    if (failure) give_up(failure);
}

void connection::end_run() {
    statements_.trim();
    channel_->shrink();
}

// The reset fails for two reasons that can be mended, after which all is done once more: somebody has dropped its
// prepared queries (DEALLOCATE ALL), or there are SQL-level prepared statements, which must be dropped by name.
io::op<void> connection::attempt_after_failed_reset(std::span<batch_item> items, open_portal* streamed) {
    bool done = false;
    for (int mended = 0; !done && mended < 2; ++mended) {
        if (replies_.own_failure()->sqlstate == division_by_zero)
            co_await drop_leaked_statements();
        else if (cancelled_during_reset(items))
            co_return;
        else if (replies_.own_failure()->sqlstate != undefined_statement)
            break;
        last_reset_ = last_reset::failed;
        reset_pending_ = true;
        done = co_await attempt(items, streamed);
    }
    if (!done)
        throw not_undone("the connection could not be reset after its last use: " + replies_.own_failure()->message);
}

// False: the reset in front has failed, and nothing of the batch has been run.
io::op<bool> connection::attempt(std::span<batch_item> items, open_portal* streamed) {
    if (undo_sent_ && (replies_.own_failure() || !statements_.named())) {
        co_await channel_->exchange(replies_);
        end_round_trip();
    }
    note_undone();
    undo_sent_ = false; // its answers, if there are still some to come, are those of this batch
    const bool reset_sent = std::exchange(reset_sent_, false);
    forget_outcomes(items);
    replies_.start(items);
    write_closing();
    statements_.begin_batch();
    if (statements_.has_age()) statements_.set_time(clock::now());
    if (reset_pending_ && last_reset_ == last_reset::failed && server_.status != transaction_status::idle) {
        // Given up; but what began the transaction stood behind the reset, which was done.
        reset_pending_ = false;
        last_reset_ = last_reset::done;
    }
    if (reset_pending_ && !statements_.named()) {
        write_unnamed_reset(writer_);
        co_await channel_->exchange(replies_);
        end_round_trip();
        reset_pending_ = false;
        if (replies_.own_failure()) co_return false;
        traces_ = false;
    }
    if (!items.empty()) ++counters_.batches;
    const bool with_reset = reset_pending_; // and still so if this is given up half-way
    if (with_reset && !reset_sent) write_reset(writer_, reset_names_, std::exchange(last_reset_, last_reset::failed));
    batch_run batch(items, statements_, types_, server_, replies_, writer_,
                    with_reset ? std::string_view(reset_names_.guard) : std::string_view());
    if (streamed != nullptr) batch.stream_last(streamed->options);
    while (!replies_.holds_rows() && batch.write_more()) {
        if (batch.yields()) {
            co_await io::yield();
            continue;
        }
        co_await channel_->exchange(replies_);
        while (replies_.wants_no_data()) {
            refuse_copy_data();
            co_await channel_->exchange(replies_);
        }
        end_round_trip();
        if (with_reset && replies_.own_failure()) break;
    }
    const bool reset_failed = with_reset && replies_.own_failure().has_value();
    if (reset_failed && replies_.skipping()) {
        writer_.sync(request_writer::no_item, false);
        co_await channel_->exchange(replies_);
        end_round_trip();
    }
    reset_pending_ = false;
    if (with_reset && !reset_failed) {
        last_reset_ = last_reset::done;
        traces_ = false;
    }
    traces_ = traces_ || batch.leaves_traces();
    if (!reset_failed) counters_.statements += batch.statements();
    if (streamed != nullptr && !reset_failed && (replies_.holds_rows() || batch.group_is_open())) {
        streamed->statement = &batch.last_statement();
        streamed->synced = !batch.group_is_open();
        streamed->commits = batch.group_commits();
        server_.status = batch.predicted();
    }
    co_return !reset_failed;
}

// A canceller has hit the reset in front of the batch that it was meant for.
bool connection::cancelled_during_reset(std::span<batch_item> items) {
    if (replies_.own_failure()->sqlstate != query_cancelled) return false;
    for (batch_item& item : items) {
        diagnostic fields = *replies_.own_failure();
        fields.statement = item.sql;
        item.error = make_database_error(std::move(fields));
    }
    reset_pending_ = true;
    return true;
}

// Of a COPY that was run as a statement.
void connection::refuse_copy_data() {
    const bool sync_again = replies_.refuse_data();
    protocol::encode_copy_fail(channel_->out(), "COPY FROM STDIN was run as a statement");
    if (sync_again) protocol::encode_sync(channel_->out());
}

io::op<void> connection::drop_leaked_statements() {
    const reset_owed owed(reset_pending_);
    result names;
    batch_item query;
    query.sql = leaked_statements;
    query.rows = &names;
    co_await attempt(std::span(&query, 1));
    if (query.error) std::rethrow_exception(query.error);

    std::vector<std::string> texts;
    texts.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i)
        texts.push_back("DEALLOCATE " + std::string(names[i].next().bytes));
    std::vector<batch_item> drops(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        drops[i].sql = texts[i];
        drops[i].utility = true;
    }
    co_await attempt(drops);
}

void connection::write_closing() {
    if (!statements_.has_closing()) return;
    for (const std::string& name : statements_.take_closing())
        writer_.close(name);
}

// Whether something may have been committed, or has been, in a batch that ends by an exception: then it must not say
// that the batch failed. `implicit_too`: also by statements outside a transaction, which commit at their Sync.
bool connection::commit_in_doubt(bool implicit_too) const noexcept {
    using kind = expected_reply::kind;
    if (replies_.committed()) return true;
    const auto decides = [&](const expected_reply& reply) {
        return reply.commits && (implicit_too || reply.what == kind::execute);
    };
    // Had the server come to a commit before it ended the connection, its answers up to there would have come.
    if (replies_.ended_by_server()) return !replies_.expected().empty() && decides(replies_.expected().front());
    const std::uint64_t sent = channel_->out().consumed();
    for (const expected_reply& reply : replies_.expected())
        if (reply.written_at < sent && decides(reply)) return true;
    return false;
}

void connection::give_up(const std::exception_ptr& why) {
    try {
        std::rethrow_exception(why);
    } catch (const not_undone&) {
        route_ = nullptr;
        throw;
    } catch (const connection_error& lost) {
        route_ = nullptr; // nobody is left who could be told to stop
        if (died_undoing()) throw not_undone(lost.what());
        if (commit_in_doubt(true))
            throw commit_outcome_unknown(std::string("it is not known whether the commit has taken place: ") +
                                         lost.what());
        throw;
    } catch (const error& ended) { // timed_out, cancelled
        if (commit_in_doubt(false))
            throw commit_outcome_unknown(std::string("it is not known whether the commit has taken place: ") +
                                         ended.what());
        throw;
    }
}

} // namespace wharf::postgres
