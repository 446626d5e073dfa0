// What the library can do with values of one C++ type, erased: one table per type, shared by all columns of that type.
#pragma once

#include "wharf/row/cell.hpp"
#include "wharf/row/parameters.hpp"

#include <cstdint>

namespace wharf {

struct type_operations {
    type_oid type; ///< of the values on the wire
    bool nullable; ///< the C++ type is a std::optional
    /// Adds the value as a parameter; an empty optional as NULL. Null pointer where the type can only be
    /// read.
    void (*encode)(const void* value, parameters& out);
    /// Reads a cell into an existing value, whose memory is reused. Throws conversion_error. Null pointer where the
    /// type can only be a parameter.
    void (*decode)(const cell_view& cell, void* value);
    /// Whether the value equals a value-initialised one: a generated key like that is unset.
    bool (*is_default)(const void* value);
    /// Of a number that a binary cell of `type` holds as memory does, but for the order of its bytes: how many; of
    /// anything else 0.
    std::int32_t number_size{0};
    bool exact{false}; ///< what decode() was given, encode() gives back; see codec.hpp
    /// Whether a defaulted<T> is unset, and making it so; null pointers for other types.
    bool (*is_unset)(const void* value){nullptr};
    void (*make_unset)(void* value){nullptr};
};

} // namespace wharf
