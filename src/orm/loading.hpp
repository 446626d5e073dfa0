// Loading relations of objects; see loading.cpp.
#pragma once

#include "orm/session_parts.hpp"
#include "wharf/orm/collection_base.hpp"
#include "wharf/orm/reference_base.hpp"

namespace wharf::orm {

/// The object and those of the objects that were loaded together with it for which `wanted` says so; at most 500.
template <class Wanted>
std::vector<object_state*> peers_of(object_state& touched, Wanted wanted) {
    constexpr std::size_t chunk = 500;
    std::vector<object_state*> found{&touched};
    if (touched.group == nullptr) return found;
    const auto& members = touched.group->members;
    for (std::size_t step = 1; step < members.size() && found.size() < chunk; ++step) {
        auto* const peer = members[(touched.group_index + step) % members.size()];
        if (peer != nullptr && peer->status == object_status::persistent && wanted(*peer)) found.push_back(peer);
    }
    return found;
}
[[nodiscard]] inline bool has_values(const object_state& object) noexcept {
    return (object.traps & object_state::trap_read) == 0;
}

/// Does nothing when it is loaded.
[[nodiscard]] io::op<void> load_collection(session_core& session, session_parts& parts,
                                           const collection_base& relation);
/// Does nothing when there is nothing to load. Throws no_result when what it refers to is not there.
[[nodiscard]] io::op<void> load_reference(session_core& session, session_parts& parts, const reference_base& relation);

} // namespace wharf::orm
