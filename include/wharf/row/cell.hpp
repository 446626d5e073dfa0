// One value of one row, where it arrived.
#pragma once

#include "wharf/row/type_oid.hpp"

#include <cstdint>
#include <string_view>

namespace wharf {

class user_types;

/// How a value's bytes are written. PostgreSQL's binary format is big-endian; SQLite's driver writes the same.
enum class wire_format : std::uint8_t { text, binary };

/// A view of a value; it lives as long as the result it came from.
struct cell_view {
    type_oid type{type_oid::unspecified};
    wire_format format{wire_format::binary};
    bool null{true};
    std::string_view bytes{};
    const user_types* types{nullptr}; ///< what is known of types that are not PostgreSQL's own; null: nothing
    /// SQLite: a number in a column of NUMERIC affinity, which makes numbers of all text that spells one.
    bool affinity_made{false};
};

} // namespace wharf
