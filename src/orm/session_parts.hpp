// What a session consists of. session_core's members are spread over several files by what they do; this is what they
// share.
#pragma once

#include "orm/call_gate.hpp"
#include "orm/identity_map.hpp"
#include "orm/load_group.hpp"
#include "orm/object_list.hpp"
#include "orm/slab.hpp"
#include "orm/transaction_state.hpp"
#include "wharf/orm/engine_core.hpp"
#include "wharf/orm/session_core.hpp"

#include <atomic>
#include <exception>
#include <stop_token>
#include <unordered_map>
#include <vector>

namespace wharf::orm {

/// What the unit of work had done to an object whose row others have changed, so that it was not written.
struct stale_change {
    struct reference {
        std::size_t relation;
        entity_base target{};
        key_value key{}; ///< where no object is known
    };

    entity_base object{};
    entity_base replaces{}; ///< the removed object whose row it was to take over
    bool removal{false};
    std::vector<std::pair<std::size_t, std::string>> columns{}; ///< members: encoded, each with its length
    std::vector<reference> references{};
};

/// What a flush that was written left behind when telling its objects of it failed.
struct half_told_flush {
    bool committed{false};
    std::vector<entity_base> added{};   // taken off the session's list
    std::vector<entity_base> renamed{}; // not in the map
};

/// A session as its streams know it, which may outlive it.
struct session_link {
    session_core* session{nullptr}; ///< null: closed or gone
    session_parts* parts{nullptr};
    bool streaming{false}; ///< one of them is open: the session is inside its call
};

struct session_parts {
    session_parts(session_core& of, std::shared_ptr<engine_core> on, const session_options& with, lazy_access how)
        : session(of), engine(std::move(on)), options(with), access(how) {
        if (access == lazy_access::throws) stop = std::stop_source();
    }

    session_core& session;
    std::shared_ptr<engine_core> engine; // shared with the engine's face and other sessions
    session_options options;
    lazy_access access;

    // ---- who is inside
    call_gate gate{};
    std::stop_source stop{std::nostopstate}; // of an async session: ends the call that waits
    opened_level abandoned{};                // while the gate is asked to abandon a level

    // ---- objects
    identity_map map{};
    object_list added{};   // pending
    object_list removed{}; // persistent, to be deleted by the next flush
    std::uint64_t additions{0};
    std::vector<object_state*> watched{}; // in the map
    std::vector<stale_change> stale{};    // of the last flush that met some, for resolve()
    half_told_flush half_told{};          // until the rollback that follows
    std::unordered_map<const class_descriptor*, object_memory> memory{};

    std::shared_ptr<session_link> link{}; // shared with streams; null: there are none

    // ---- the connection and its transaction
    lease lent{};
    bool outdated{false}; // the last transaction read what another one then changed; the next one locks first
    transaction_state tx{};

    void require_usable() const;
    /// Raw SQL is about to run. Throws usage_error when it would end the session's transaction or begin one.
    void note_raw_sql(std::string_view sql);
    /// Before the identity map answers: a strict transaction that would begin now does not know what was read before.
    void prepare_for_reads();
    /// Gives the connection back. The pool rolls back what is open.
    void release_connection() noexcept;
    /// The connection, borrowed with the first statement of a transaction.
    [[nodiscard]] io::op<connection_core*> connect();
    /// What comes writes. On SQLite a transaction that has not begun yet takes the write lock with its BEGIN, so that
    /// nothing it reads can be outdated by the time it writes.
    void expect_writes() noexcept {
        if (!lent) tx.options.immediate = true;
    }
    /// Runs a batch. Errors of items are left in them. What it throws, and being destroyed half-way, makes the session
    /// fail until it is rolled back.
    [[nodiscard]] io::op<void> run(std::span<batch_item> items, then afterwards = then::nothing);
    /// The same behind statements of the session's own: a question for the isolation level of transactions that ask for
    /// none, and a limit to the wait for locks where `patience` is not empty.
    [[nodiscard]] io::op<void> run_behind(connection_core& connection, bool asks, const std::string& patience,
                                          std::span<batch_item> items, then afterwards);
    /// Runs one statement whose rows are taken as they come; throws its error. Both arguments outlive the op.
    [[nodiscard]] io::op<std::unique_ptr<row_stream>> open_rows(std::string_view sql, const parameters& values,
                                                                stream_options how);
    /// Their next ones.
    [[nodiscard]] io::op<row_chunk> next_rows(row_stream& from);
    /// Throws the error of a statement, which makes the session fail where the transaction or connection has.
    [[noreturn]] void fail_unless_unharmed(const std::exception_ptr& error);
    /// Runs one statement; throws its error.
    [[nodiscard]] io::op<result> run_one(std::string_view sql, parameters values);
};

/// Leaves the session's gate, and does what was asked for in the meantime: closing it, ending it.
void leave_call(session_parts& parts, call_gate::state after) noexcept;
void do_what_was_asked(session_parts& parts) noexcept;

/// Marks a session as being inside a call, and refuses a second one.
class call_scope {
public:
    explicit call_scope(session_parts& of, bool between_reads = false)
        : of_(of), after_(of.gate.enter(between_reads)) {}
    call_scope(const call_scope&) = delete;
    call_scope& operator=(const call_scope&) = delete;
    ~call_scope() { leave_call(of_, after_); }
    /// What the session is behind the call; otherwise what it was before.
    void leave_as(call_gate::state after) noexcept { after_ = after; }

private:
    session_parts& of_;
    call_gate::state after_;
};

/// The same for a call that neither waits nor uses the connection: it may be made while a stream of rows is open.
class brief_scope : public call_scope {
public:
    explicit brief_scope(session_parts& of) : call_scope(of, true) {}
};

// ---- by file

// watching.cpp
void start_watching(session_parts& parts, object_state& object);
void stop_watching(session_parts& parts, object_state& object) noexcept;
/// Puts an object with a watch record on the list, or takes it off and leaves it its record.
void enlist(session_parts& parts, object_state& object);
void delist(session_parts& parts, object_state& object) noexcept;
/// Opens a savepoint in memory: its rollback finds what was not flushed when it began.
void remember_unwritten(session_parts& parts);

// membership.cpp
/// add() inside a call: an object, with what it refers to, becomes a part of the session.
void admit(session_parts& parts, object_state& object);
/// Objects without a row leave the session, together, so that those that hold each other go on doing so.
void make_transient(std::span<const entity_base> objects) noexcept;
/// An object with a row leaves the session; what it holds stays readable.
void make_detached(session_parts& parts, object_state& object) noexcept;
void detach_all(session_parts& parts) noexcept;
/// A rollback after a flush that was committed, but could not be told: nothing is undone, and all objects leave.
void let_go_of_half_told(session_parts& parts) noexcept;
/// An object leaves whose row is not there, or is another's.
void make_gone(session_parts& parts, object_state& object) noexcept;

// materialise.cpp
[[nodiscard]] std::vector<entity_base> materialise(session_core& session, session_parts& parts,
                                                   const class_descriptor& type, const result& rows,
                                                   bool populate_existing);

// flush.cpp
/// Writes all changes; with then::commit the transaction ends with them.
[[nodiscard]] io::op<void> flush_all(session_core& session, session_parts& parts, then afterwards);
/// The same if one of these classes has changes; `all`: any class. An error says that it was in front of `what`, which
/// outlives the op.
[[nodiscard]] io::op<void> autoflush(session_core& session, session_parts& parts,
                                     std::span<const class_descriptor* const> types, bool all, std::string_view what);

// session_transactions.cpp
/// Rolls back, returns the connection and lets go of all objects.
void close_now(session_parts& parts) noexcept;
void abandon_now(session_parts& parts, opened_level which) noexcept;

// rollback.cpp
/// Whether objects get the values back that they had, or keep what they hold and only learn what the database has.
enum class undo_members : std::uint8_t { restored, kept };
/// Puts the objects back to how they were when the level began, and ends it and those above it.
void undo_level(session_core& session, session_parts& parts, std::size_t level,
                undo_members members = undo_members::restored) noexcept;

// expiry.cpp
/// What was read before answers nothing any more: a strict transaction begins.
void expire_for_strict(session_parts& parts);
/// It has ended: values are good to look at again.
void end_strict(session_parts& parts) noexcept;
/// The same for one object that has no row to be read again.
void end_strict(object_state& object) noexcept;
/// Writing access and get() read again what was read before.
void expire_for_write(session_parts& parts);
/// An object whose values may be replaced by the row at hand: it has no changes of its own.
[[nodiscard]] bool is_clean(object_state& object);
[[noreturn]] void throw_row_is_gone(const object_state& object);
/// Reads the rows of an expired object and of its expired peers again. Throws no_result.
[[nodiscard]] io::op<void> read_again(session_core& session, session_parts& parts, object_state& object);

} // namespace wharf::orm
