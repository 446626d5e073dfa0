// What the session has of rows that refer to rows which a flush has renamed or deleted: the database itself may have
// changed them, by ON UPDATE and ON DELETE.
#pragma once

#include "orm/flush_plan.hpp"
#include "orm/row_name.hpp"
#include "orm/session_parts.hpp"
#include "wharf/orm/key_value.hpp"

#include <unordered_map>

namespace wharf::orm {

/// Rows by the keys that they had, and the keys that they have.
using renamed_rows = std::unordered_map<row_name, key_value, row_name_hash>;

/// The columns that a flush has written of an object: what they say is meant after it.
using written_columns = std::unordered_map<const object_state*, column_set>;

/// Objects that refer to such rows say the new keys, and so do rows whose own keys are made of them: a database that
/// kept the old ones would have refused the flush. They are read again before they are written, in case it did not
/// care.
void follow_renamed(session_parts& parts, renamed_rows renamed, const written_columns& written);

/// The items of its collections are read again before they are written.
void expire_items_of(object_state& deleted);

} // namespace wharf::orm
