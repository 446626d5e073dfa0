// What a backend's driver offers: batches of statements on one open connection. Everything above it is written against
// this interface and knows neither PostgreSQL nor SQLite.
#pragma once

#include "wharf/connection/copy.hpp"
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
    bool end_of_group{false}; ///< an error skips the items after it up to and including the next end of a group

    // What came of it.
    std::uint64_t affected{0};
    std::exception_ptr error{}; ///< null: it succeeded; skipped items carry an error that says so
    bool skipped{false};        ///< not run because an earlier item of its group failed
};

/// What a connection has done since it was opened.
struct driver_counters {
    std::uint64_t statements{0};  ///< sent, those that the driver adds itself not counted
    std::uint64_t round_trips{0}; ///< waits for a reply with nothing left to send; on SQLite: batches
};

/// Sees what connections do. Called on the thread that runs the op; must not throw; outlives what it watches.
class statement_observer {
public:
    virtual ~statement_observer() = default;
    /// A statement is about to be sent.
    virtual void on_statement(std::string_view sql, std::size_t parameter_count) {
        static_cast<void>(sql), static_cast<void>(parameter_count);
    }
    /// A wait for a reply with nothing left to send is over.
    virtual void on_round_trip() {}
    /// The server sent a notice.
    virtual void on_notice(std::string_view severity, std::string_view message) {
        static_cast<void>(severity), static_cast<void>(message);
    }
};

/// One open connection. One op at a time. Destroying it closes it without waiting and without I/O that could block.
class driver {
public:
    driver() = default;
    driver(const driver&) = delete;
    driver& operator=(const driver&) = delete;
    virtual ~driver() = default;

    /// Runs a batch in order, sent as one pipeline. Errors of statements are left in their items; what this throws
    /// (connection_error, timed_out, cancelled) makes the connection unusable. `items` stays valid until it returns;
    /// an op destroyed half-way leaves the connection unusable.
    [[nodiscard]] virtual io::op<void> run(std::span<batch_item> items) = 0;

    /// Sends the reset of pool.md's list (role, settings, cursors, LISTEN, advisory locks, temporary tables, SQL-level
    /// prepared statements) in front of the next batch, in the same write, with a Sync of its own. If it fails, that
    /// run() throws connection_error before any statement of its batch has taken effect.
    virtual void reset_before_next() noexcept = 0;
    /// Checks that the server answers.
    [[nodiscard]] virtual io::op<void> ping() = 0;
    /// Takes leave of the server and waits until the connection has ended. Throws nothing but cancelled or timed_out.
    [[nodiscard]] virtual io::op<void> close() = 0;

    /// Null: the backend has no COPY.
    [[nodiscard]] virtual copy_driver* copying() noexcept { return nullptr; }

    [[nodiscard]] virtual backend kind() const noexcept = 0;
    /// An open COPY counts as a transaction.
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
