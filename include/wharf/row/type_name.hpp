// Names of the types on the wire, and which arrays belong to them.
#pragma once

#include "wharf/row/type_oid.hpp"
#include "wharf/row/type_table.hpp"

#include <string>

namespace wharf {

/// PostgreSQL's name of the type, such as "int8" or "text[]"; "type 16999" for one that wharf does not know.
[[nodiscard]] std::string name_of(type_oid type);

/// The same, for SQL: empty for a type that wharf does not know.
[[nodiscard]] std::string_view sql_name_of(type_oid type) noexcept;

/// The array type whose elements are `element`; unspecified where wharf knows none.
[[nodiscard]] constexpr type_oid array_of(type_oid element) noexcept {
    for (const auto& known : detail::type_table)
        if (known.type == element) return known.array;
    return type_oid::unspecified;
}

/// The type of the elements of an array type; unspecified where `array` is none.
[[nodiscard]] constexpr type_oid element_of(type_oid array) noexcept {
    // These two are arrays by another name.
    if (array == type_oid::int2vector) return type_oid::int2;
    if (array == type_oid::oidvector) return type_oid::oid;
    for (const auto& known : detail::type_table)
        if (known.array == array) return known.type;
    return type_oid::unspecified;
}

} // namespace wharf
