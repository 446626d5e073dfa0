// The codec of hstore, PostgreSQL's extension of keys with values. Only on PostgreSQL.
#pragma once

#include "wharf/row/codec.hpp"

#include <map>
#include <optional>
#include <string>

namespace wharf {

/// Keys with values, some of them NULL.
using hstore = std::map<std::string, std::optional<std::string>>;

template <>
struct codec<hstore> {
    static constexpr type_oid type = type_oid::hstore;
    static void encode(const hstore& value, std::string& out);
    static void decode(const cell_view& cell, hstore& out);
};

} // namespace wharf
