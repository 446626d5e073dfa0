// Which types wharf reads, and how their values are to arrive.
#pragma once

#include "wharf/row/type_oid.hpp"
#include "wharf/row/user_types.hpp"

namespace wharf::postgres {

/// Whether values of this type are asked for in binary: those whose binary form wharf's codecs read. Others come as
/// text.
[[nodiscard]] bool arrives_in_binary(type_oid type) noexcept;
/// The same with what is known of user types: those are binary that consist of nothing but what wharf reads.
[[nodiscard]] bool arrives_in_binary(type_oid type, const user_types& types) noexcept;

/// Whether the type is none of PostgreSQL's own: enums, domains, types of extensions. They parse their own text.
[[nodiscard]] bool is_foreign(type_oid type) noexcept;

} // namespace wharf::postgres
