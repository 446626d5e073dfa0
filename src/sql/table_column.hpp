// A column as statements need it.
#pragma once

#include "wharf/row/type_oid.hpp"

#include <span>
#include <string>
#include <string_view>

namespace wharf::sql {

struct table_column {
    std::string_view name{};
    type_oid type{type_oid::unspecified};
};

/// Whether values of all these columns can be sent as one array each: arrays of arrays lose their shape in unnest().
[[nodiscard]] bool fit_arrays(std::span<const table_column> columns);

/// "a", "b"
void append_names(std::string& out, std::span<const table_column> columns);
/// unnest($1::bigint[], $2::text[]), numbered from `first`.
void append_unnest(std::string& out, std::span<const table_column> columns, std::size_t first = 1);
/// "a" = $1::bigint AND "b" = $2::text, numbered from `first`; without casts on SQLite.
void append_equals(std::string& out, bool casts, std::span<const table_column> columns, std::size_t first);

} // namespace wharf::sql
