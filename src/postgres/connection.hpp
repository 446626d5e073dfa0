// The driver of one connection to a PostgreSQL server.
#pragma once

#include "connection/cancel_gate.hpp"
#include "postgres/cancel_route.hpp"
#include "postgres/channel.hpp"
#include "postgres/copy_state.hpp"
#include "postgres/reply_reader.hpp"
#include "postgres/request_writer.hpp"
#include "postgres/reset.hpp"
#include "postgres/server_state.hpp"
#include "postgres/statement_cache.hpp"
#include "postgres/type_resolver.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/postgres/settings.hpp"

#include <exception>
#include <memory>
#include <span>
#include <utility>

namespace wharf::postgres {

class batch_run;

struct connection_limits {
    statement_cache_limits statements{};
    std::size_t message_limit{protocol::default_message_limit};
};

class connection final : public driver, private copy_driver {
public:
    /// Takes over a channel whose login has ended with `server` as its state.
    connection(std::unique_ptr<channel> logged_in, server_state server, const connection_limits& limits);

    [[nodiscard]] io::op<void> run(std::span<batch_item> items) override;
    [[nodiscard]] io::op<std::unique_ptr<row_stream>> open_rows(std::span<batch_item> items,
                                                                stream_options options) override;
    [[nodiscard]] io::op<script_outcome> run_script(std::string_view text, script_options options) override;
    void reset_before_next() noexcept override { reset_pending_ = true; }
    [[nodiscard]] bool reset_is_due() const noexcept override { return reset_pending_ && !reset_sent_; }
    [[nodiscard]] bool undo_now(undo how) noexcept override;
    [[nodiscard]] bool awaits_undo() const noexcept override { return undo_sent_; }
    [[nodiscard]] bool leaves_traces() const noexcept override { return traces_; }
    [[nodiscard]] bool is_fit() const noexcept override { return server_.is_fit(); }
    [[nodiscard]] const io::descriptor* socket() const noexcept override { return &channel_->stream().handle(); }
    [[nodiscard]] io::op<void> ping() override;
    [[nodiscard]] bool still_open() noexcept override;
    [[nodiscard]] io::op<void> close() override;
    void terminate() noexcept override { channel_->stream().shut_down(); }

    [[nodiscard]] copy_driver* copying() noexcept override { return this; }

    void when_given_up(cancellation how) noexcept override { when_given_up_ = how; }
    [[nodiscard]] io::op<void> settle() override;
    [[nodiscard]] std::shared_ptr<statement_canceller> canceller() override;
    void retire_cancellers() noexcept override;
    [[nodiscard]] io::op<void> listen(io::descriptor& interrupt) override;

    [[nodiscard]] backend kind() const noexcept override { return backend::postgres; }
    [[nodiscard]] transaction_status status() const noexcept override {
        if (!settled()) return transaction_status::failed;
        return copy_.open ? transaction_status::active : server_.status;
    }
    [[nodiscard]] bool usable() const noexcept override { return !broken_; }
    [[nodiscard]] const driver_counters& counters() const noexcept override { return counters_; }
    void observe(statement_observer* observer) noexcept override { server_.observe(observer); }

    [[nodiscard]] const server_state& server() const noexcept { return server_; }
    /// What the server is to be from now on: see is_fit().
    void expect(session_target what) noexcept { server_.expect(what); }

    /// What is known of user types is shared with other connections to the same database.
    void share_types(std::shared_ptr<type_catalogue> with) noexcept { types_.share(std::move(with)); }

    /// Where it may be asked for a statement to be cancelled. Without this, none is.
    void cancel_through(std::shared_ptr<const settings> where, server_address server);

private:
    class in_flight;
    class portal_stream;
    /// What a batch has left open: its last item is being streamed.
    struct open_portal {
        stream_options options{};
        prepared_statement* statement{nullptr}; ///< null: nothing is open
        bool synced{false};                     ///< its Sync has been written
        bool commits{false};                    ///< its Sync will commit something
    };

    // COPY: copy_begin.cpp, copy_in.cpp, copy_out.cpp.
    [[nodiscard]] io::op<void> begin_copy(std::span<batch_item> items, const copy_request& what) override;
    [[nodiscard]] const result_shape& copy_columns() const noexcept override { return *copy_.described.shape; }
    [[nodiscard]] bool copy_is_open() const noexcept override { return copy_.open && !copy_.abandoned; }
    [[nodiscard]] io::op<void> send_copy(std::span<char> frame) override;
    [[nodiscard]] io::op<std::uint64_t> finish_copy() override;
    [[nodiscard]] io::op<void> fail_copy(std::string_view reason) override;
    [[nodiscard]] io::op<std::span<const std::string_view>> receive_copy() override;
    [[nodiscard]] std::uint64_t copied_rows() const noexcept override { return copy_.items.back().affected; }
    void abandon_copy() noexcept override { copy_.abandoned = true; }
    void adapt_copy_value(const column_info& column, type_oid given, std::string_view bytes,
                          std::string& out) const override;

    /// Runs a part of a COPY to its end. What is given up is drained where that is wanted.
    [[nodiscard]] io::op<void> copy_through(io::op<void> part);
    [[nodiscard]] io::op<void> open_copy();
    void prepare_copy(std::span<batch_item> items, const copy_request& what);
    void write_in_front();
    void write_copy();
    void announce(std::string_view sql);
    [[nodiscard]] io::op<void> learn_types();
    void aim_at_types();
    void complete_statement();
    void leave_out_generated();
    [[nodiscard]] bool has_as_many_columns();
    void started();
    [[nodiscard]] io::op<void> end_unstarted();
    [[nodiscard]] io::op<void> send_pieces(std::span<char> frame);
    [[nodiscard]] io::op<void> receive_pieces();
    [[nodiscard]] io::op<void> end_copy();
    [[nodiscard]] io::op<void> settle_copy();
    [[nodiscard]] io::op<void> drain_copy();
    [[nodiscard]] io::op<void> read_rest_of_copy();
    void require_copy(copy_request::direction where) const;
    void take_pieces();
    void rethrow_copy_error();

    /// Runs a batch to its end, `streamed` up to the first rows of its last item.
    [[nodiscard]] io::op<void> run_through(std::span<batch_item> items, open_portal* streamed, in_flight& flight);
    [[nodiscard]] io::op<bool> attempt(std::span<batch_item> items, open_portal* streamed = nullptr);
    [[nodiscard]] io::op<void> attempt_after_failed_reset(std::span<batch_item> items, open_portal* streamed);
    [[nodiscard]] io::op<void> take_rest_of_stream();
    void start_unasked();
    void note_undone() noexcept;
    [[nodiscard]] bool died_undoing() const noexcept;
    void end_run();
    /// What was under way has come to its end, and its outcome is known. Throws usage_error, and leaves the connection
    /// broken, where it has changed the encoding of what comes next.
    void land(in_flight& flight);
    void require_encoding() const;
    [[nodiscard]] io::op<void> drop_leaked_statements();
    void refuse_copy_data();
    [[nodiscard]] bool settled() const noexcept { return !abandoned_ && (!gate_ || gate_->at_rest()); }
    [[nodiscard]] io::op<void> wait_for_cancellers();
    [[nodiscard]] io::op<void> drain();
    [[nodiscard]] io::op<bool> drained_before(time_point moment);
    [[nodiscard]] io::op<bool> ended_before(time_point moment);
    [[nodiscard]] io::op<void> stop_abandoned();
    [[nodiscard]] bool cancelled_during_reset(std::span<batch_item> items);
    void abandon() noexcept;
    [[nodiscard]] bool owes_copy_data() const noexcept;
    [[nodiscard]] bool can_be_abandoned() const noexcept;
    void end_round_trip();
    void write_closing();
    [[noreturn]] void give_up(const std::exception_ptr& why);
    [[nodiscard]] bool commit_in_doubt(bool implicit_too) const noexcept;
    void require_usable() const;

    std::unique_ptr<channel> channel_;
    server_state server_;
    statement_cache statements_;
    type_resolver types_;
    reply_reader replies_;
    request_writer writer_;
    driver_counters counters_{};
    copy_state copy_{};
    reset_names reset_names_;
    std::size_t row_limit_;
    std::shared_ptr<const cancel_route> route_{};        // shared with cancellers; null: nothing to be cancelled
    cancel_attempt cancelling_{};                        // of the driver's own, which ended before it had arrived
    std::shared_ptr<wharf::detail::cancel_gate> gate_{}; // shared with the borrower's cancellers; null: there are none
    cancellation when_given_up_{cancellation::close};
    bool abandoned_{false}; // the server still answers what nobody waits for
    bool reset_pending_{false};
    bool reset_sent_{false};    // it is pending still, and only its answer
    bool undo_sent_{false};     // by undo_now(), whose answers are still to come
    std::uint64_t undo_end_{0}; // where what it has sent ends in the stream of all that was ever sent
    bool traces_{false};        // see leaves_traces()
    last_reset last_reset_{last_reset::none};
    bool broken_{false};
    bool rest_of_stream_{false}; // answers to a stream that was left are still to come, before anything else is sent
};

/// Marks the connection as broken unless told that what was under way has come to its end: also when the op that is
/// running is destroyed half-way. With cancel_and_drain it is left abandoned instead, unless told that it is lost.
class connection::in_flight {
public:
    explicit in_flight(connection& owner, cancellation how = cancellation::close) noexcept
        : owner_(owner), drains_(how == cancellation::cancel_and_drain) {
        owner_.broken_ = true;
        if (owner_.gate_) owner_.gate_->begin();
    }
    in_flight(const in_flight&) = delete;
    in_flight& operator=(const in_flight&) = delete;
    ~in_flight() {
        if (owner_.gate_) owner_.gate_->end();
        if (handed_over_) return;
        owner_.replies_.finish(owner_.channel_->in());
        if (owner_.broken_ && drains_) owner_.abandon();
    }
    void landed() noexcept { owner_.broken_ = false; }
    void lost() noexcept { drains_ = false; }
    /// Somebody else says when it has come to its end.
    void hand_over() noexcept { handed_over_ = true; }

private:
    connection& owner_;
    bool drains_;
    bool handed_over_{false};
};

} // namespace wharf::postgres
