// Between an object and its row: reading, encoding, restoring, comparing.
#pragma once

#include "wharf/base/error.hpp"
#include "wharf/orm/collection_base.hpp"
#include "wharf/orm/object_state.hpp"
#include "wharf/orm/reference_base.hpp"
#include "wharf/row/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wharf::orm {

[[nodiscard]] reference_base& reference_at(object_state& object, std::size_t relation) noexcept;
[[nodiscard]] collection_base& collection_at(object_state& object, std::size_t relation) noexcept;

/// The cells of a row, to be reached by number.
void read_cells(row_view row, std::vector<cell_view>& out);

/// The primary key in the cells of a row, which are the class's columns in order.
[[nodiscard]] key_value key_in(const class_descriptor& type, std::span<const cell_view> cells);
/// The primary key that the object's members hold; unset when a part is NULL, or generated and T{} while the object has
/// no row yet.
[[nodiscard]] key_value key_held(object_state& object);

/// Writes the object's key into its members.
void write_key(object_state& object);

/// Says of which column and row a value cannot be read, by the cells of the row's key.
[[noreturn]] void refuse_cell(const class_descriptor& type, std::size_t column, const cell_view& cell,
                              std::span<const cell_view> key, const conversion_error& why);
/// Overwrites the object's columns and the keys of its references. Throws conversion_error, see refuse_cell.
void read_object(object_state& object, std::span<const cell_view> cells);

/// The values of all columns as they are now. A reference to an object without a key is NULL.
[[nodiscard]] encoded_row encode_object(object_state& object);
/// A row of values that nobody has set.
[[nodiscard]] encoded_row default_row(const class_descriptor& type);
/// Adds one column of the object as a parameter.
void encode_column(object_state& object, std::size_t column, parameters& out);

/// Gives an object that is on no list its baseline: what it holds.
void start_watching_alone(object_state& object);

/// Walks over the columns of an encoded row.
class encoded_columns {
public:
    explicit encoded_columns(std::string_view row) noexcept : at_(row.data()) {}
    /// The next column with its length in front: what `parameters` holds, and an array's element.
    [[nodiscard]] std::string_view next() noexcept;

private:
    const char* at_;
};
/// The bytes of an encoded column as a cell.
[[nodiscard]] cell_view cell_of(std::string_view encoded_column, type_oid type) noexcept;
/// All columns of an encoded row, each with its length in front.
void split_row(std::string_view row, std::size_t columns, std::vector<std::string_view>& out);

/// Puts the values of an encoded row back into the object's columns; its references stay as they are.
void restore_columns(object_state& object, std::string_view row);
/// The same; references follow, and so does their other side.
void restore_object(object_state& object, std::string_view row);
/// The same for one column.
void restore_column(object_state& object, std::size_t column, std::string_view encoded_column);

/// The key of this reference in the cells of a row, which are the class's columns in order.
[[nodiscard]] key_value reference_key_of(const relation_descriptor& relation, std::span<const cell_view> cells);
/// The belongs_to columns that hold the key of this reference, from an encoded row.
[[nodiscard]] key_value reference_key_in(const class_descriptor& type, const relation_descriptor& relation,
                                         std::span<const std::string_view> columns);

} // namespace wharf::orm
