// The columns of the classes as the model sees them: named, all values as text, in one list for each class.
#pragma once

#include "unit/orm/model/classes.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orm_model {

/// A value of a column; empty: NULL.
using cell = std::optional<std::string>;

enum class role : std::uint8_t {
    key,       ///< generated, a number
    value,     ///< text
    number,    ///< a number
    version,   ///< raised by each UPDATE
    reference, ///< the key of another row
};

struct column_info {
    std::string_view name{}; ///< in the database
    orm_model::role role{role::value};
    bool in_key{false};
    bool nullable{false};
    bool unique{false};
    // A reference:
    kind target{};
    bool has_member{false};        ///< the foreign key is a member too, which read and write are about
    std::string_view collection{}; ///< of the target, the other side; empty: none

    // Member access. `object` is one of the class.
    cell (*read)(const void* object){nullptr};
    void (*write)(void* object, const cell& value){nullptr};
    void (*relate)(void* object, const wharf::orm::entity_base& target){nullptr}; ///< an empty handle: nothing
    void (*set_key)(void* object, const std::string& key){nullptr};
    cell (*reference_key)(const void* object){nullptr};
    const wharf::orm::reference_base& (*reference_of)(const void* object){nullptr};
    // Of the target: its collection.
    wharf::orm::collection_base& (*items)(void* target){nullptr};
    void (*add_item)(void* target, const wharf::orm::entity_base& item){nullptr};
    void (*remove_item)(void* target, const wharf::orm::entity_base& item){nullptr};
    void (*replace_items)(void* target, const std::vector<wharf::orm::entity_base>& items){nullptr};
};

struct class_info {
    std::string_view name{};
    std::string_view table{};
    std::span<const column_info> columns{};
    bool generated{false};
};

[[nodiscard]] const class_info& info_of(kind type);
/// A SELECT of all rows of all tables, each as the text that line_of() makes of a row.
[[nodiscard]] const std::string& all_rows_statement();
[[nodiscard]] std::string line_of(kind type, std::span<const cell> cells);

} // namespace orm_model
