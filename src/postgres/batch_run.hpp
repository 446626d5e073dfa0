// One batch on its way: which messages are written when, and between which of them answers must be awaited.
//
// A warm batch is written at once, with a Sync at the end of every group. Statements that the server has not seen are
// parsed and described first, together, at the price of one more round trip. What stands in front of them in their
// group (BEGIN, SAVEPOINT, SET) goes with that trip, since it may decide how they are parsed; there a Flush asks for
// the answers, so that the group stays one. An error in a batch has the same effects warm or cold: the rest of its
// group is not run.
#pragma once

#include "postgres/reply_reader.hpp"
#include "postgres/request_writer.hpp"
#include "postgres/server_state.hpp"
#include "postgres/statement_cache.hpp"
#include "postgres/type_resolver.hpp"
#include "wharf/connection/driver.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace wharf::postgres {

class batch_run {
public:
    /// `guard`: a statement that must exist for any group of the first write to run; empty: none.
    batch_run(std::span<batch_item> items, statement_cache& statements, type_resolver& types, server_state& server,
              reply_reader& replies, request_writer& writer, std::string_view guard);
    /// The rows of the last item are held by the reader. With a fetch size its group is left open behind its first
    /// Execute, and end_stream() is the caller's to call.
    void stream_last(stream_options options);

    /// Writes up to the next point where answers are needed, or others should run. False: there is nothing left to
    /// write, and everything has been answered.
    [[nodiscard]] bool write_more();
    /// Why the last write_more() stopped: true where others should run before the next one.
    [[nodiscard]] bool yields() const noexcept { return yields_; }
    /// Statements written, without the driver's own.
    [[nodiscard]] std::uint64_t statements() const noexcept { return written_; }
    /// Whether one of them may have left something that other connections feel.
    [[nodiscard]] bool leaves_traces() const noexcept { return traces_; }
    /// The transaction's status once all of it has succeeded.
    [[nodiscard]] transaction_status predicted() const noexcept { return predicted_; }
    /// Whether the last group is still without its Sync, and whether that will commit something.
    [[nodiscard]] bool group_is_open() const noexcept { return open_; }
    [[nodiscard]] bool group_commits() const noexcept { return writes_ && predicted_ == transaction_status::idle; }
    /// The statement of the last item. Precondition: it has been written.
    [[nodiscard]] prepared_statement& last_statement() const noexcept { return *prepared_.back(); }

private:
    using index = std::uint32_t;

    [[nodiscard]] bool is_stream(index item) const noexcept { return streams_ && item + 1 == count(); }
    [[nodiscard]] index count() const noexcept { return static_cast<index>(items_.size()); }
    [[nodiscard]] index group_end(index in_group) const noexcept;
    [[nodiscard]] prepared_statement& statement(index item);
    [[nodiscard]] bool group_has_failed() const noexcept;
    [[nodiscard]] bool offer_types();
    [[nodiscard]] bool prepare_anew(index item);

    [[nodiscard]] bool prepare_from(index first);
    [[nodiscard]] bool prepare_one(index item);
    [[nodiscard]] bool ask_for_types();
    void take_types();
    void write_item(index item);
    void end_item(index item);
    void open_group();
    void close_group(index last_item);
    void fail_here(index item, std::exception_ptr error);
    void skip_group();
    [[nodiscard]] bool retry_stale();

    std::span<batch_item> items_;
    statement_cache& statements_;
    type_resolver& types_;
    server_state& server_;
    reply_reader& replies_;
    request_writer& writer_;
    std::string_view guard_;

    std::vector<prepared_statement*> prepared_{}; // per item; null: not looked up, or a utility
    index next_{0};
    index group_first_{0};
    transaction_status predicted_;  // after what has been written, if all of it succeeds
    transaction_status at_group_{}; // when the group began
    bool open_{false};              // the group has begun, and has no Sync yet
    bool sent_{false};              // something of the open group has been written, if only by the driver itself
    bool writes_{false};            // the group has something to commit at its Sync
    bool retried_{false};
    bool yields_{false};
    bool traces_{false};
    bool streams_{false};         // the last item is a stream
    std::uint32_t fetch_size_{0}; // of the stream
    bool asked_again_{false};     // for types that did not fit as they were known
    std::uint64_t written_{0};
    std::uint64_t taken_{0}; // items, some of them twice
};

} // namespace wharf::postgres
