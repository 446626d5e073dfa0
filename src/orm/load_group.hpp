// The objects of one class that were loaded together: the first lazy access to a relation of one loads it for all.
#pragma once

#include "wharf/orm/object_state.hpp"

#include <cstddef>
#include <vector>

namespace wharf::orm {

/// Lives as long as a member is in it.
struct load_group {
    std::vector<object_state*> members{}; // in load order; null where one has left
    std::size_t live{0};
};

inline void join_group(load_group& group, object_state& object) {
    object.group = &group;
    object.group_index = static_cast<std::uint32_t>(group.members.size());
    group.members.push_back(&object);
    ++group.live;
}

inline void leave_group(object_state& object) noexcept {
    auto* const group = object.group;
    if (group == nullptr) return;
    object.group = nullptr;
    group->members[object.group_index] = nullptr;
    if (--group->live == 0) delete group;
}

} // namespace wharf::orm
