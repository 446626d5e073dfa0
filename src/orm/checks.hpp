// The check of changed columns: an UPDATE expects the columns that it overwrites to hold still what they were read
// with.
#pragma once

#include "orm/flush_plan.hpp"
#include "wharf/orm/session_options.hpp"

namespace wharf::orm {

/// Chooses for each update what it expects.
void choose_checks(flush_plan& plan, lost_update when_lost);

/// What an update expects a column to hold, as a parameter.
void add_expected(const planned_update& update, std::size_t column, parameters& out);

/// The SHA-256 of a text or of bytes, as a parameter; NULL of NULL.
void add_hash(const cell_view& value, parameters& out);
/// Whether there is a hash for values of a column of this type.
[[nodiscard]] bool may_be_large(type_oid type) noexcept;
/// Whether a value is compared by its hash: so large that it is not worth sending, and of a type that has one.
[[nodiscard]] bool wants_hash(const cell_view& value) noexcept;
[[nodiscard]] bool has_hash(const cell_view& value) noexcept;

} // namespace wharf::orm
