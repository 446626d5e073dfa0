// How an object and the state in front of it are put into memory.
#pragma once

#include "wharf/orm/object_state.hpp"

namespace wharf::orm {

[[nodiscard]] inline std::size_t object_size(const class_descriptor& type) noexcept {
    return object_state::header_size(type.alignment) + type.size;
}

/// Value-initialises an object of `type` in memory of a slab; on an exception the memory counts as released.
[[nodiscard]] object_state* construct_object(void* memory, slab* of, const class_descriptor& type);

/// Ends an object that nobody refers to any more.
void end_object(object_state& ended) noexcept;

} // namespace wharf::orm
