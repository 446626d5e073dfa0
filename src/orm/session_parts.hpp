// What a session consists of. session_core's members are spread over several files by what they do; this is what they
// share.
#pragma once

#include "orm/identity_map.hpp"
#include "orm/load_group.hpp"
#include "orm/slab.hpp"
#include "wharf/orm/engine_core.hpp"
#include "wharf/orm/session_core.hpp"

#include <atomic>
#include <exception>
#include <optional>
#include <unordered_map>
#include <vector>

namespace wharf::orm {

/// What one level of a transaction (0: the transaction itself, from 1: savepoints) did to objects, for its rollback.
struct transaction_level {
    struct inserted_object {
        entity_base object;
        bool key_filled;     // by the flush
        encoded_row members; // what the object held before, when the flush filled in more than its key; else empty
    };
    std::vector<inserted_object> inserted{};
    std::vector<entity_base> deleted{};
};

/// A session as its streams know it, which may outlive it.
struct session_link {
    session_core* session{nullptr}; ///< null: closed or gone
    session_parts* parts{nullptr};
    bool streaming{false}; ///< one of them is open: the session is inside its call
};

struct session_parts {
    session_parts(std::shared_ptr<engine_core> of, const session_options& with, lazy_access how)
        : engine(std::move(of)), options(with), access(how) {}

    std::shared_ptr<engine_core> engine; // shared with the engine's face and other sessions
    session_options options;
    lazy_access access;
    std::atomic<bool> busy{false};

    // ---- objects
    identity_map map{};
    std::vector<entity_base> added{};     // pending, in the order of add()
    std::vector<entity_base> removed{};   // persistent, to be deleted by the next flush
    std::vector<object_state*> watched{}; // in the map
    std::unordered_map<const class_descriptor*, object_memory> memory{};

    std::shared_ptr<session_link> link{}; // shared with streams; null: there are none

    // ---- the connection and its transaction
    lease lent{};
    std::vector<transaction_level> levels{}; // empty: no transaction
    transaction_options begin_with{};
    bool begun{false}; // by begin(), not by the first statement
    bool wrote{false}; // something that a COMMIT must keep
    std::uint64_t transaction{1};
    std::exception_ptr failure{}; // what failed, until it is rolled back
    std::size_t failed_level{0};

    [[nodiscard]] bool has_failed() const noexcept { return failure != nullptr; }
    void require_usable() const;
    void fail(std::exception_ptr error) noexcept;
    /// The innermost level.
    [[nodiscard]] transaction_level& level() noexcept { return levels.back(); }
    /// Gives the connection back. The pool rolls back what is open.
    void release_connection() noexcept;
    /// The connection, borrowed with the first statement of a transaction.
    [[nodiscard]] io::op<connection_core*> connect();
    /// Runs a batch. Errors of items are left in them. What it throws, and being destroyed half-way, makes the session
    /// fail until it is rolled back.
    [[nodiscard]] io::op<void> run(std::span<batch_item> items, then afterwards = then::nothing);
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

/// Marks a session as being inside a call, and refuses a second one.
class call_scope {
public:
    explicit call_scope(session_parts& of);
    call_scope(const call_scope&) = delete;
    call_scope& operator=(const call_scope&) = delete;
    ~call_scope() {
        if (of_ != nullptr) of_->busy.store(false, std::memory_order_release);
    }
    /// The session stays inside the call.
    void keep() noexcept { of_ = nullptr; }

private:
    session_parts* of_;
};

// ---- by file

// watching.cpp
void start_watching(session_parts& parts, object_state& object);
void stop_watching(session_parts& parts, object_state& object) noexcept;
/// Puts an object with a watch record on the list, or takes it off and leaves it its record.
void enlist(session_parts& parts, object_state& object);
void delist(session_parts& parts, object_state& object) noexcept;
/// After the object's row was written or read again.
void renew_baseline(session_parts& parts, object_state& object, encoded_row now);
void save_before_level(session_parts& parts);

// membership.cpp
/// Objects without a row leave the session, together, so that those that hold each other go on doing so.
void make_transient(std::span<const entity_base> objects) noexcept;
/// An object with a row leaves the session; what it holds stays readable.
void make_detached(session_parts& parts, object_state& object) noexcept;
void detach_all(session_parts& parts) noexcept;

// materialise.cpp
[[nodiscard]] std::vector<entity_base> materialise(session_core& session, session_parts& parts,
                                                   const class_descriptor& type, const result& rows,
                                                   bool populate_existing);

// flush.cpp
/// Writes all changes; with then::commit the transaction ends with them.
[[nodiscard]] io::op<void> flush_all(session_core& session, session_parts& parts, then afterwards);
/// The same if one of these classes has changes; null: any class.
[[nodiscard]] io::op<void> autoflush(session_core& session, session_parts& parts,
                                     std::span<const class_descriptor* const> types, bool all);

// rollback.cpp
/// Puts the objects back to how they were when the level began, and ends it and those above it.
void undo_level(session_parts& parts, std::size_t level) noexcept;
void forget_failure(session_parts& parts, std::size_t level) noexcept;

} // namespace wharf::orm
