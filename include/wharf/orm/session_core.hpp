// The session without its types: identity map, unit of work, loading, transactions. basic_session<Mode> is its face.
//
// Used by one thread or coroutine at a time; a second one inside a call at once throws concurrent_use. Members that are
// ops borrow a connection with the first statement and keep it until the transaction ends.
#pragma once

#include "wharf/connection/connection_core.hpp"
#include "wharf/io/background.hpp"
#include "wharf/io/call_options.hpp"
#include "wharf/orm/entity.hpp"
#include "wharf/orm/session_options.hpp"
#include "wharf/orm/stale_data.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::detail {
class row_source;
}

namespace wharf::orm {

enum class call_gate_wish : std::uint8_t; // see src/orm/call_gate.hpp
class collection_base;
class engine_core;
class reference_base;
struct session_parts;

/// Stops when one of two others does.
class joined_stop {
public:
    joined_stop(const std::stop_token& one, const std::stop_token& other)
        : on_one_(one, pass_on{both_}), on_other_(other, pass_on{both_}) {}
    [[nodiscard]] std::stop_token token() const noexcept { return both_.get_token(); }

private:
    struct pass_on {
        std::stop_source& to;
        void operator()() const noexcept { to.request_stop(); }
    };
    std::stop_source both_{};
    std::stop_callback<pass_on> on_one_;
    std::stop_callback<pass_on> on_other_;
};

/// Whether plain access to a relation or an expired object may wait.
enum class lazy_access : std::uint8_t { loads, throws };

[[noreturn]] void throw_moved_from();

/// A transaction (level 0) or a savepoint in it (from 1).
struct opened_level {
    std::size_t level{0};
    std::uint64_t transaction{0}; ///< changes with every transaction, so that a scope knows its own
};

/// What a SELECT of objects does apart from reading rows.
struct select_options {
    bool populate_existing{false};
    bool autoflush{true};
    bool locks{false};         ///< its rows, to change them
    bool keeps_changes{false}; ///< refuses to populate an object that has changes
};

class session_core : public std::enable_shared_from_this<session_core> {
public:
    session_core(std::shared_ptr<engine_core> engine, const session_options& options, lazy_access access);
    session_core(const session_core&) = delete;
    session_core& operator=(const session_core&) = delete;
    ~session_core();

    // ---- for queries
    [[nodiscard]] backend kind() const noexcept;
    /// What the pool's own work runs on: the first argument of Mode::run.
    [[nodiscard]] io::background& context() const;
    /// `asked`, or the session's time-out when nothing was asked.
    [[nodiscard]] call_options limits(const call_options& asked) const;
    /// A token that both the caller of an async session and the session itself stop; null where the caller has none.
    [[nodiscard]] std::shared_ptr<joined_stop> join(const std::stop_token& asked) const;
    [[nodiscard]] call_options limits(const call_options& asked, const joined_stop* joined) const;
    /// Runs a SELECT that yields the columns of `type` in their order, and gives the objects of its rows in order:
    /// those that are in the session already, with their values, and new ones.
    [[nodiscard]] io::op<std::vector<entity_base>> select(const class_descriptor& type, std::string sql,
                                                          parameters values, select_options options);
    /// Runs a SELECT of anything else. `tables` are the classes it names: their changes are written first.
    [[nodiscard]] io::op<result> fetch(std::string sql, parameters values, std::vector<const class_descriptor*> tables);
    /// Runs any SQL, having written all changes first.
    [[nodiscard]] io::op<result> execute(std::string sql, parameters values);

    /// The same for rows that are taken as they come. The session is inside the call from the first read to the end.
    [[nodiscard]] std::unique_ptr<wharf::detail::row_source> stream(std::string sql, parameters values,
                                                                    stream_options options);

    // ---- objects
    /// A transient or detached object, with what it refers to; does nothing to one that is here already.
    void add(object_state& object);
    /// Adds a new object, moved from `source`.
    entity_base add(const class_descriptor& type, void* source, void (*construct_from)(void* memory, void* source));
    void remove(object_state& object);
    void expunge(object_state& object);
    /// The object with this key, from the session or the database; an empty handle when there is none.
    [[nodiscard]] io::op<entity_base> get(const class_descriptor& type, key_value key, get_options options);
    /// The object with this key without asking the database: its values are read when they are needed.
    [[nodiscard]] entity_base reference(const class_descriptor& type, const key_value& key);
    [[nodiscard]] io::op<void> refresh(entity_base object, get_options options);
    /// The same for many: a statement for each class and 500 rows.
    [[nodiscard]] io::op<void> refresh(std::vector<entity_base> objects);
    [[nodiscard]] io::op<void> load(const reference_base& relation);
    [[nodiscard]] io::op<void> load(const collection_base& relation);
    /// Reads an object again that the last stale_data named, and makes its changes to it once more if they are kept.
    [[nodiscard]] io::op<void> resolve(entity_base object, resolution how);
    /// Adds to the member at `offset` in the database; it holds the sum then.
    [[nodiscard]] io::op<void> increment(entity_base object, std::size_t offset, parameters by);
    void expire(object_state& object);
    void expire_all();
    /// Lets go of objects that nobody else holds and that have no changes.
    void release_unused();

    // ---- transactions
    [[nodiscard]] io::op<void> flush();
    [[nodiscard]] io::op<void> commit();
    [[nodiscard]] io::op<void> rollback();
    /// Opens the transaction or a savepoint without I/O.
    opened_level begin(const transaction_options& options);
    opened_level savepoint();
    [[nodiscard]] io::op<void> commit_level(opened_level which);
    [[nodiscard]] io::op<void> rollback_level(opened_level which);
    /// For scopes that end without a commit. Does nothing when the level has ended.
    void abandon_level(opened_level which) noexcept;
    /// For helpers that repeat a transaction: nothing that was read before answers get() or is written over. Throws
    /// usage_error when there are changes that were not written, or an open transaction has written.
    void begin_try();
    [[nodiscard]] bool in_transaction() const;
    /// Rolls back, returns the connection and lets go of all objects. The session may be used again. While another call
    /// is under way: in a blocking session throws concurrent_use; in an async one the call ends with `cancelled`, and
    /// the session is closed when it has.
    void close();
    /// The same for good: its face has gone.
    void end() noexcept;

    // ---- what it holds
    [[nodiscard]] bool is_modified() const;
    [[nodiscard]] bool is_modified(object_state& object) const;
    [[nodiscard]] std::vector<entity_base> new_objects() const;
    [[nodiscard]] std::vector<entity_base> dirty_objects() const;
    [[nodiscard]] std::vector<entity_base> deleted_objects() const;
    [[nodiscard]] bool contains(const object_state& object) const noexcept { return object.session == this; }
    [[nodiscard]] std::size_t object_count() const;
    [[nodiscard]] std::size_t watched_count() const;
    void set_timeout(std::chrono::milliseconds timeout);
    void set_autoflush(bool on);

    // ---- for plain access: entities and relation members
    void access_expired(object_state& object);
    void watch(object_state& object);
    /// A rollback puts back what they were before.
    void before_change(object_state& object);
    void before_change(const collection_base& collection);
    /// Whether what was read at that time is good for the open transaction.
    [[nodiscard]] bool answers(std::uint64_t read_at) const noexcept;
    void access_relation(const reference_base& relation);
    void access_relation(const collection_base& relation);
    [[nodiscard]] object_state* find(const class_descriptor& type, const key_value& key) const noexcept;

    /// For the members of objects.
    [[nodiscard]] session_parts& parts() const noexcept { return *parts_; }

private:
    [[nodiscard]] io::op<void> reread(object_state& object);
    void ask_to(call_gate_wish what) noexcept;

    std::unique_ptr<session_parts> parts_;
};

} // namespace wharf::orm
