// Which types wharf reads, and how their values are to arrive.
#pragma once

#include "wharf/row/type_oid.hpp"

namespace wharf::postgres {

/// Whether values of this type are asked for in binary: those whose binary form wharf's codecs read. Others come as
/// text.
[[nodiscard]] bool arrives_in_binary(type_oid type) noexcept;

/// Whether the type is none of PostgreSQL's own: enums, domains, types of extensions. They parse their own text.
[[nodiscard]] bool is_foreign(type_oid type) noexcept;

} // namespace wharf::postgres
