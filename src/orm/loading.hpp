// Loading relations of objects; see loading.cpp.
#pragma once

#include "orm/session_parts.hpp"
#include "wharf/orm/collection_base.hpp"
#include "wharf/orm/reference_base.hpp"

namespace wharf::orm {

/// Does nothing when it is loaded.
[[nodiscard]] io::op<void> load_collection(session_core& session, session_parts& parts,
                                           const collection_base& relation);
/// Does nothing when there is nothing to load. Throws no_result when what it refers to is not there.
[[nodiscard]] io::op<void> load_reference(session_core& session, session_parts& parts, const reference_base& relation);

} // namespace wharf::orm
