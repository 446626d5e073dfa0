// What stands in front of every object that lives in an entity: its reference count, its place in a session, and what
// an access to it has to do first. The object itself follows in the same piece of memory.
#pragma once

#include "wharf/orm/descriptor.hpp"
#include "wharf/orm/key_value.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wharf::orm {

class session_core;
class slab;
class stored_cells;
struct load_group;

/// transient: in no session. pending: added, not yet in the database. persistent: has a row. deleted: its row was
/// deleted in the open transaction. detached: had a row, and no session any more.
enum class object_status : std::uint8_t { transient, pending, persistent, deleted, detached };

/// Values of all columns, encoded one after the other: int32 length (-1 for NULL) and bytes.
using encoded_row = std::string;

/// The row of a watched object, as the database has it.
struct watch_record {
    static constexpr std::size_t unlisted = ~std::size_t{0};

    encoded_row baseline{};
    std::size_t position{unlisted}; // on the session's watch list
};

struct object_state {
    /// What a member access has to do first.
    static constexpr std::uint8_t trap_read = 1;   ///< the values are not there, or must not be used: read the row
    static constexpr std::uint8_t trap_write = 2;  ///< a non-const access puts the object on the watch list
    static constexpr std::uint8_t trap_stale = 4;  ///< good to look at; a non-const access and get() read the row again
    static constexpr std::uint8_t trap_strict = 8; ///< with trap_read: only until the strict transaction ends

    /// How the next flush looks whether others have changed the row.
    static constexpr std::uint8_t overwrite = 1; ///< not at all
    static constexpr std::uint8_t check_row = 2; ///< all columns, not only those that it writes

    explicit object_state(const class_descriptor& of) noexcept : type(&of) {}
    object_state(const object_state&) = delete;
    object_state& operator=(const object_state&) = delete;

    [[nodiscard]] static constexpr std::size_t header_size(std::size_t alignment) noexcept;
    [[nodiscard]] void* object() noexcept;

    std::atomic<std::uint32_t> references{1};
    object_status status{object_status::transient};
    std::uint8_t traps{0};
    bool touched{false}; ///< a non-const access happened while it was pending
    bool removal{false}; ///< remove() was called, flush has not run
    /// In no session and never in the database: what it holds may go round in a circle. Whoever lets go of it follows
    /// its relations, on any thread: they change under a loose_lock.
    std::atomic<bool> loose{false};
    bool late{false};      ///< loose, and began to refer to something when others could refer to it already
    bool gone{false};      ///< detached, and its row is not there any more: add() inserts it
    bool unsettled{false}; ///< expunged with values of a transaction that has not ended: no other session takes it
    const class_descriptor* type;
    session_core* session{nullptr}; ///< written by the session on its own thread; null once it has gone
    slab* memory{nullptr};          ///< where it lies; null: on the heap
    key_value key{};                ///< set while persistent, deleted or detached
    std::unique_ptr<watch_record> watch{};
    /// Of columns whose members cannot give back what they were read from: what the row holds. Null: of none. Shared
    /// with what a rollback restores.
    std::shared_ptr<const stored_cells> stored{};
    std::uint8_t checks{0};
    load_group* group{nullptr}; ///< the objects that were loaded together with it
    std::uint32_t group_index{0};
    std::uint32_t position{0};   ///< pending or to be removed: in the session's list of those
    std::uint64_t order{0};      ///< pending: when it was added
    std::uint64_t read_at{0};    ///< persistent: when its values were read or written; see transaction_state
    std::uint64_t remembered{0}; ///< the serial of the innermost transaction level that can put it back
};

constexpr std::size_t object_state::header_size(std::size_t alignment) noexcept {
    return (sizeof(object_state) + alignment - 1) / alignment * alignment;
}

inline void* object_state::object() noexcept {
    return reinterpret_cast<char*>(this) + header_size(type->alignment);
}

/// Makes an object on the heap, value-initialised or moved from `source`, its relation members bound; one reference.
[[nodiscard]] object_state* make_object(const class_descriptor& type);
[[nodiscard]] object_state* make_object(const class_descriptor& type, void* source,
                                        void (*construct_from)(void* memory, void* source));
/// The same for an object that is in no session yet.
[[nodiscard]] object_state* make_loose_object(const class_descriptor& type, void* source,
                                              void (*construct_from)(void* memory, void* source));
/// Ends an object whose last reference has gone.
void destroy_object(object_state& ended) noexcept;
/// Gives a reference to a loose object back. Ends the object, and those that it refers to, when only they hold each
/// other.
void release_loose(object_state& released) noexcept;

/// The slow paths of an access: what the traps ask for. They throw null_entity, detached, expired, or what loading
/// throws.
void before_read(object_state& accessed);
void before_write(object_state& accessed);
[[noreturn]] void throw_null_entity();
/// Sets a flag of object_state::checks. Throws null_entity.
void ask_for_check(object_state* object, std::uint8_t flag);

} // namespace wharf::orm
