// Which range types PostgreSQL has, over which types.
// Source: PostgreSQL's pg_range.dat.
#pragma once

#include "wharf/row/type_oid.hpp"

namespace wharf {

namespace detail {

struct range_entry {
    type_oid bound;
    type_oid range;
    type_oid multirange;
};

inline constexpr range_entry range_table[] = {
    {type_oid::int4, type_oid::int4range, type_oid::int4multirange},
    {type_oid::int8, type_oid::int8range, type_oid::int8multirange},
    {type_oid::numeric, type_oid::numrange, type_oid::nummultirange},
    {type_oid::timestamp, type_oid::tsrange, type_oid::tsmultirange},
    {type_oid::timestamptz, type_oid::tstzrange, type_oid::tstzmultirange},
    {type_oid::date, type_oid::daterange, type_oid::datemultirange},
};

} // namespace detail

/// The range type over `bound`; unspecified where PostgreSQL has none.
[[nodiscard]] constexpr type_oid range_of(type_oid bound) noexcept {
    for (const auto& known : detail::range_table)
        if (known.bound == bound) return known.range;
    return type_oid::unspecified;
}

/// The multirange type over `bound`; unspecified where PostgreSQL has none.
[[nodiscard]] constexpr type_oid multirange_of(type_oid bound) noexcept {
    for (const auto& known : detail::range_table)
        if (known.bound == bound) return known.multirange;
    return type_oid::unspecified;
}

/// The type of the bounds of a range or multirange type; unspecified where `type` is none.
[[nodiscard]] constexpr type_oid bound_of(type_oid type) noexcept {
    for (const auto& known : detail::range_table)
        if (known.range == type || known.multirange == type) return known.bound;
    return type_oid::unspecified;
}

/// The range type of a multirange type; unspecified where `multirange` is none.
[[nodiscard]] constexpr type_oid range_in(type_oid multirange) noexcept {
    for (const auto& known : detail::range_table)
        if (known.multirange == multirange) return known.range;
    return type_oid::unspecified;
}

} // namespace wharf
