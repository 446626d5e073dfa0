// Undoing what a borrower has left, without waiting.
#include "postgres/connection.hpp"
#include "postgres/reset.hpp"

#include <utility>

namespace wharf::postgres {

// The answers come in front of those of the next batch. A ROLLBACK that is refused leaves a failed transaction, and a
// reset that fails no guard: either way nothing of that batch is run.
bool connection::undo_now(undo how) noexcept {
    const bool at_rest =
        !broken_ && !copy_.open && !rest_of_stream_ && settled() && (undo_sent_ || replies_.expected().empty());
    if (!at_rest || !channel_->all_sent()) return false;
    start_unasked();
    try {
        if (server_.status != transaction_status::idle) {
            writer_.roll_back();
            if (server_.observer() != nullptr) server_.observer()->on_statement("ROLLBACK", 0);
        }
        if (how == undo::session && !reset_sent_) {
            reset_pending_ = reset_sent_ = true;
            if (statements_.named())
                write_reset(writer_, reset_names_, std::exchange(last_reset_, last_reset::failed));
            else
                write_unnamed_reset(writer_);
        }
    } catch (...) {
        broken_ = true; // no memory: perhaps half of it has been written
        return false;
    }
    undo_sent_ = true;
    undo_end_ = channel_->out().written();
    server_.status = transaction_status::idle;
    channel_->send_now();
    return channel_->all_sent();
}

// What has come of an undoing so far stays known until all of it has been answered.
void connection::start_unasked() {
    if (!undo_sent_) replies_.start({});
}

// The reset is still to be done where it has failed: in front of the next batch, which mends what can be mended.
void connection::note_undone() noexcept {
    if (!undo_sent_ || !replies_.expected().empty()) return;
    undo_sent_ = false;
    if (!std::exchange(reset_sent_, false) || replies_.own_failure()) return;
    reset_pending_ = false;
    last_reset_ = last_reset::done;
    traces_ = false;
}

// Whether the server has ended the connection, and said so, instead of answering undo_now(): of what was sent behind it
// nothing has been run.
bool connection::died_undoing() const noexcept {
    const auto& expected = replies_.expected();
    return replies_.ended_by_server() && !expected.empty() && expected.front().written_at < undo_end_;
}

} // namespace wharf::postgres
