// Letting go of many objects at once.
#pragma once

#include "wharf/orm/entity.hpp"

#include <vector>

namespace wharf::orm {

/// While it lives, handles that end on this thread do not look whether they were the last from outside of a circle.
class circles_unwatched {
public:
    circles_unwatched() noexcept;
    circles_unwatched(const circles_unwatched&) = delete;
    circles_unwatched& operator=(const circles_unwatched&) = delete;
    ~circles_unwatched();
};

/// Ends these handles with one look for circles among all of them, instead of one for each.
void release_together(std::vector<entity_base> handles) noexcept;

} // namespace wharf::orm
