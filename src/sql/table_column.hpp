// A column as statements need it, and how its values are written and compared. On PostgreSQL a parameter has the
// column's own type: the server infers it from the column that it is assigned to or compared with, so that enums,
// domains, citext and whatever else a member of another type is kept in work as the documentation says. Integers and
// booleans are cast in the text, since a wider one than the column's is compared as what it is.
#pragma once

#include "wharf/row/type_oid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wharf::sql {

struct table_column {
    std::string_view name{};
    type_oid type{type_oid::unspecified}; ///< of the parameters
    bool nullable{true};                  ///< what it is read into takes NULL
};

/// Whether values of all these columns can be sent as one array each: arrays of arrays lose their shape in unnest().
[[nodiscard]] bool fit_arrays(std::span<const table_column> columns);

/// "a", "b"
void append_names(std::string& out, std::span<const table_column> columns);
/// Whether parameters of the type are cast in the text.
[[nodiscard]] bool is_cast(type_oid type) noexcept;
/// RETURNING "a", "b", with a space in front; nothing without columns.
void append_returning(std::string& out, std::span<const table_column> columns);
/// $1::bigint for integers and booleans, else $1. PostgreSQL only.
void append_value(std::string& out, std::size_t number, type_oid type);
/// An array parameter whose elements are of the column's type. PostgreSQL only.
void append_typed_array(std::string& out, std::string_view table, const table_column& column, std::size_t number);
/// unnest(...) of such arrays, numbered from `first`.
void append_unnest(std::string& out, std::string_view table, std::span<const table_column> columns,
                   std::size_t first = 1);
/// "a" = $1::bigint AND "b" = $2, numbered from `first`; without casts on SQLite, where decimals are compared
/// by value.
void append_equals(std::string& out, bool casts, std::span<const table_column> columns, std::size_t first);

/// How it is found out whether a column holds a value.
enum class value_test : std::uint8_t {
    equal, ///< by =, where equal means the same value
    image, ///< bit by bit
    hash,  ///< of the text that the server writes, or of bytes; the parameter is the hash
};
/// By = or by image, from the type of the parameters.
[[nodiscard]] value_test test_of(type_oid type) noexcept;

/// A column that must still hold what was read.
struct expected_column : table_column {
    value_test test{value_test::equal};
};

/// Whether `column`, an expression for the column's value, is what `value` is, an expression of the column's type or a
/// bare parameter; NULL is NULL. PostgreSQL only.
void append_same(std::string& out, std::string_view column, std::string_view value, value_test how, type_oid type);

} // namespace wharf::sql
