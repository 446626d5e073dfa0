// What a backend's driver offers: batches of statements on one open connection. Everything above it is written against
// this interface and knows neither PostgreSQL nor SQLite.
#pragma once

#include "wharf/base/cancellation.hpp"
#include "wharf/base/error.hpp"
#include "wharf/connection/copy.hpp"
#include "wharf/connection/row_stream.hpp"
#include "wharf/connection/script.hpp"
#include "wharf/connection/statement_canceller.hpp"
#include "wharf/connection/statement_observer.hpp"
#include "wharf/io/descriptor.hpp"
#include "wharf/io/op.hpp"
#include "wharf/row/parameters.hpp"
#include "wharf/row/result.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace wharf {

enum class backend : std::uint8_t { postgres, sqlite };

/// Whether the connection is inside a transaction, as the server last said.
enum class transaction_status : std::uint8_t { idle, active, failed };

/// What is undone at once: an open transaction, or all that a reset undoes too.
enum class undo : std::uint8_t { transaction, session };

/// Thrown by the first op behind undo_now() or reset_before_next() where that has failed: nothing of the op has been
/// run, and the connection is only good for destruction.
class not_undone : public connection_lost {
public:
    using connection_lost::connection_lost;
};

/// One statement of a batch, and what became of it.
struct batch_item {
    // What to run. The text and the values stay with the caller until run() has returned.
    std::string_view sql{};
    const parameters* values{nullptr}; ///< null: the statement has no placeholders
    result* rows{nullptr};             ///< null: rows are dropped; `affected` is filled in either way
    bool utility{false};               ///< BEGIN, COMMIT, SET and their like: no placeholders, no rows, never prepared
    /// Not run: its statement, if new, is prepared in the same trip as the other new ones of the batch, so that a later
    /// batch finds it warm. SQLite: ignored.
    bool prepare_only{false};
    bool internal{false};     ///< a question of the library itself: observers are not told
    bool end_of_group{false}; ///< an error skips the items after it up to and including the next end of a group

    // What came of it.
    std::uint64_t affected{0};
    std::exception_ptr error{}; ///< null: it succeeded; skipped items carry an error that says so
    bool skipped{false};        ///< not run because an earlier item of its group failed
    /// It has run, and nothing of it is left, since a later item of its group failed; with an error, which is that of
    /// the last item, it was the commit at the end of the group that failed.
    bool undone{false};
};

/// What a connection has done since it was opened.
struct driver_counters {
    std::uint64_t statements{0};  ///< sent, those that the driver adds itself not counted
    std::uint64_t batches{0};     ///< begun: something of them may have been sent
    std::uint64_t round_trips{0}; ///< waits for a reply with nothing left to send; on SQLite: batches
};

/// One open connection. One op at a time. Destroying it closes it without waiting and without I/O that could block.
class driver {
public:
    driver() = default;
    driver(const driver&) = delete;
    driver& operator=(const driver&) = delete;
    virtual ~driver() = default;

    /// Runs a batch in order, sent as one pipeline. Errors of statements are left in their items; what this throws
    /// (connection_error, timed_out, cancelled) makes the connection unusable, and so does destroying the op half-way,
    /// unless what was given up is to be drained. `items` stays valid until it returns.
    [[nodiscard]] virtual io::op<void> run(std::span<batch_item> items) = 0;

    /// Runs a batch whose last item's rows are taken as they come; that one is neither a utility nor has it `rows`.
    /// Errors of statements are left in their items, and then there is no stream; those that come behind the first rows
    /// are thrown by the stream. While it is open the connection is not usable. A driver that cannot do it has the
    /// default, which collects the rows first.
    [[nodiscard]] virtual io::op<std::unique_ptr<row_stream>> open_rows(std::span<batch_item> items,
                                                                        stream_options options);

    /// Runs all statements of a text, each as it comes, up to the first error. PostgreSQL runs a text without
    /// transaction statements as one transaction, SQLite each statement for itself. Throws what run() throws, and
    /// usage_error by default.
    [[nodiscard]] virtual io::op<script_outcome> run_script(std::string_view text, script_options options);

    /// Sends the reset of pool.md's list (role, settings, cursors, LISTEN, advisory locks, temporary tables, SQL-level
    /// prepared statements) in front of the next batch, in the same write, with a Sync of its own. If it fails, that
    /// run() throws not_undone before any statement of its batch has taken effect.
    virtual void reset_before_next() noexcept = 0;
    /// Whether the next batch has a reset in front of it: since it was asked for, or the one that was sent has failed.
    [[nodiscard]] virtual bool reset_is_due() const noexcept { return false; }
    /// Ends the open transaction, if there is one, at once and without waiting: what it has locked is free for others.
    /// `undo::session`: and resets the connection, in the same write. On PostgreSQL the answer is taken in by
    /// still_open() and ping(), or with that of the next batch, which throws not_undone where it is a refusal. False:
    /// it is left to clean up, by a ROLLBACK where status() says so; by a ping() where a part of it has been sent, so
    /// that an answer is awaited. Not while an op runs.
    [[nodiscard]] virtual bool undo_now(undo) noexcept { return false; }
    /// Whether answers to undo_now() are still to come.
    [[nodiscard]] virtual bool awaits_undo() const noexcept { return false; }
    /// Whether something that other connections feel - a session's lock, LISTEN, a temporary table - may have been left
    /// since the last reset. A reset undoes it.
    [[nodiscard]] virtual bool leaves_traces() const noexcept { return false; }
    /// False: the server is not any more what the URL asks for (target_session_attrs), as far as it has said.
    [[nodiscard]] virtual bool is_fit() const noexcept { return true; }
    /// What tells that the other side has ended the connection; null: nothing does.
    [[nodiscard]] virtual const io::descriptor* socket() const noexcept { return nullptr; }
    /// Checks that the server answers.
    [[nodiscard]] virtual io::op<void> ping() = 0;
    /// Takes in, without waiting, what the server has said since the last op: notices and the like go to the observer.
    /// False: it has ended the connection, which is not usable any more. One system call where it has said nothing; by
    /// default none.
    [[nodiscard]] virtual bool still_open() noexcept { return usable(); }
    /// Takes leave of the server and waits until the connection has ended. Throws nothing but cancelled or timed_out.
    [[nodiscard]] virtual io::op<void> close() = 0;
    /// Ends the connection under whoever uses it, without waiting: what runs fails, and so does all that comes. Any
    /// thread, also while an op runs. By default nothing: it ends when it is destroyed.
    virtual void terminate() noexcept {}

    /// Null: the backend has no COPY.
    [[nodiscard]] virtual copy_driver* copying() noexcept { return nullptr; }

    /// What is done about statements that are given up, unless their call says otherwise. SQLite always closes.
    virtual void when_given_up(cancellation how) noexcept { static_cast<void>(how); }
    /// Waits until nothing of the past can reach the next statement: the reply to one that was given up has been taken
    /// in, and requests of cancellers have arrived. run() does it first. Throws what run() throws; after timed_out and
    /// cancelled it may be tried again where usable() says so.
    [[nodiscard]] virtual io::op<void> settle();

    /// Stops what runs on this connection, from any thread. Made while nothing runs. Throws usage_error where there is
    /// no way to do that.
    [[nodiscard]] virtual std::shared_ptr<statement_canceller> canceller();
    /// Cancellers made so far have no effect from now on.
    virtual void retire_cancellers() noexcept {}

    /// Waits until the server says something on its own account, which goes to the observer (notifications above all),
    /// or until `interrupt`, which outlives the op, is readable. May be given up at any time without harm to the
    /// connection. Throws usage_error on SQLite, which has nothing to say; connection_error, timed_out, cancelled.
    [[nodiscard]] virtual io::op<void> listen(io::descriptor& interrupt);

    [[nodiscard]] virtual backend kind() const noexcept = 0;
    /// An open COPY counts as a transaction; `failed` also while something is not settled.
    [[nodiscard]] virtual transaction_status status() const noexcept = 0;
    /// False once the state of the connection is not certain any more: it is only good for destruction.
    [[nodiscard]] virtual bool usable() const noexcept = 0;
    [[nodiscard]] virtual const driver_counters& counters() const noexcept = 0;
    /// Null: nobody watches.
    virtual void observe(statement_observer* observer) noexcept = 0;
};

/// Opens connections to one database. Any thread, any number of ops at once.
class connector {
public:
    connector() = default;
    connector(const connector&) = delete;
    connector& operator=(const connector&) = delete;
    virtual ~connector() = default;

    /// Throws connect_failed, authentication_failed, configuration_error, timed_out, cancelled.
    [[nodiscard]] virtual io::op<std::unique_ptr<driver>> connect() = 0;
    [[nodiscard]] virtual backend kind() const noexcept = 0;
    /// Where it connects to, for messages: never with a password.
    [[nodiscard]] virtual std::string description() const = 0;
    /// The most connections that may be open at once; 0: no limit of its own (SQLite in memory: 1).
    [[nodiscard]] virtual std::size_t connection_limit() const noexcept { return 0; }
};

} // namespace wharf
