// A mapping without its types: what the compiled part of the ORM works on. The headers make one class_descriptor per
// mapped class from its mapping, once per process; identity map, unit of work, loading and DDL see nothing else.
#pragma once

#include "wharf/row/type_operations.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::orm {

class relation_base; // the untyped part of belongs_to, has_many, ...
struct class_descriptor;

/// Identifies a member or a class: the address of a variable that exists once per member pointer or class.
using tag = const void*;

struct column_descriptor {
    std::string_view name{};
    tag member{};                         ///< of the member pointer that maps it; null: derived from a relation
    const type_operations* type{nullptr}; ///< null: the foreign key of `relation`, kept in the relation member itself
    std::size_t offset{0};                ///< of the member in an object; of a derived column: none, see relation
    type_oid wire{type_oid::unspecified}; ///< of its values; of a foreign key that of the key it refers to
    int relation{-1};      ///< index in class_descriptor::relations of the belongs_to that it is the key of; -1: none
    bool key{false};       ///< part of the primary key
    bool generated{false}; ///< by the database, when unset (a sequence, AUTOINCREMENT)
    bool unique{false};
    bool indexed{false};
    bool version{false}; ///< the optimistic lock's counter: an integer, checked and raised by each UPDATE
    bool nullable{false};
    bool server_computed{false};       ///< comes back from every write, and may change after it: never checked
    bool last_writer_wins{false};      ///< overwritten whatever others have made of it
    std::string_view server_default{}; ///< SQL; for CREATE TABLE

    /// The member in an object. Precondition: type is not null.
    [[nodiscard]] void* at(void* object) const noexcept { return static_cast<char*>(object) + offset; }
};

enum class relation_kind : std::uint8_t { belongs_to, has_many };

struct relation_descriptor {
    std::string_view name{}; ///< of the member
    relation_kind kind{relation_kind::belongs_to};
    tag member{};
    tag target{};                       ///< the class; see find_descriptor
    std::size_t offset{0};              ///< of its relation_base in an object
    bool nullable{false};               ///< belongs_to<std::optional<T>>
    std::vector<std::size_t> columns{}; ///< belongs_to: its foreign-key columns, in the order of the target's key
    tag inverse{}; ///< member in the target that the mapping names as the other side; null: the only one there is
    // Found when the descriptor is built: see target_of() and inverse_of().
    const class_descriptor* target_class{nullptr}; ///< null: not known then
    int other_side{no_other_side};                 ///< index in the target's relations; of no use without target_class

    static constexpr int no_other_side = -1;
    static constexpr int several_other_sides = -2;

    [[nodiscard]] relation_base* at(void* object) const noexcept {
        return reinterpret_cast<relation_base*>(static_cast<char*>(object) + offset);
    }
};

/// Of a class: what a flush keeps track of. More are refused when the descriptor is built.
inline constexpr std::size_t most_columns = 256;

struct class_descriptor {
    tag type{};
    std::string_view table{};
    std::vector<column_descriptor> columns{}; ///< primary key first, in its order
    std::size_t key_size{0};                  ///< the first so many columns are the primary key
    std::vector<relation_descriptor> relations{};
    std::vector<std::vector<std::size_t>> uniques{}; ///< of several columns; for one alone see column_descriptor
    int version_column{-1};                          ///< index in columns; -1: none
    bool check_row{false}; ///< an UPDATE fails when any column has changed, not only one that it writes

    // The object itself.
    std::size_t size{0};
    std::size_t alignment{0};
    void (*construct)(void* memory){nullptr}; ///< value-initialises
    void (*destroy)(void* object){nullptr};   ///< must not throw
    /// What a flush calls before it writes the row of an object; null: nothing. See write_hook.hpp.
    void (*before_write)(void* object, bool inserted){nullptr};

    [[nodiscard]] std::span<const column_descriptor> key() const noexcept { return std::span(columns).first(key_size); }
};

/// The descriptor of a class by its tag, or null when the class is not known: wharf's templates register what they are
/// instantiated with, and the classes that its relations point to. Any thread, under a mutex; what a relation points to
/// is in its descriptor. Throws configuration_error, see describe.hpp.
[[nodiscard]] const class_descriptor* find_descriptor(tag type);

/// Adds a descriptor, which lives as long as the process. Any thread.
void register_descriptor(const class_descriptor& added);

} // namespace wharf::orm
