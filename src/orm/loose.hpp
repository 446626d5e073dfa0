// Loose objects: in no session and never in the database, so that nobody ends what goes round in a circle but their
// handles.
#pragma once

#include "wharf/orm/entity.hpp"

#include <vector>

namespace wharf::orm {

/// Held while the relations of a loose object change: whoever lets go of a handle, on any thread, may be following
/// them. Locks nothing where the object is not loose, or null, and where this thread has it. Handles that are to be let
/// go of outlive it.
class loose_lock {
public:
    explicit loose_lock(bool needed) noexcept;
    explicit loose_lock(const object_state* owner) noexcept;
    loose_lock(const loose_lock&) = delete;
    loose_lock& operator=(const loose_lock&) = delete;
    ~loose_lock();

    /// Not when this thread has it already.
    [[nodiscard]] bool is_held() const noexcept { return held_; }

private:
    bool held_;
};

/// While it lives, handles that end on this thread do not look whether they were the last from outside of a circle.
class circles_unwatched {
public:
    circles_unwatched() noexcept;
    circles_unwatched(const circles_unwatched&) = delete;
    circles_unwatched& operator=(const circles_unwatched&) = delete;
    ~circles_unwatched();
};

/// Ends these handles, none of them empty, with one look for circles among all of them, instead of one for each.
void release_together(std::vector<entity_base> handles) noexcept;

/// Says that an object is loose, or is not any more.
void set_loose(object_state& object, bool loose) noexcept;
/// A loose object that others may refer to begins to refer to something: only then are there circles.
void note_late_reference(object_state& owner) noexcept;

} // namespace wharf::orm
