// Types whose values are numbers in C++, bool among them.
#pragma once

#include "wharf/row/type_oid.hpp"

namespace wharf::detail {

[[nodiscard]] constexpr bool is_plain_number(type_oid type) noexcept {
    switch (type) {
    case type_oid::boolean:
    case type_oid::int2:
    case type_oid::int4:
    case type_oid::int8:
    case type_oid::oid:
    case type_oid::float4:
    case type_oid::float8:
        return true;
    default:
        return false;
    }
}

} // namespace wharf::detail
