// The query that asks a database for its types.
#pragma once

#include "wharf/row/result.hpp"
#include "wharf/row/user_types.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace wharf::postgres {

/// Takes the identifiers of types as oid[], and gives them with all that they are made of.
extern const std::string_view type_lookup_query;
/// The columns that it has, all in binary.
[[nodiscard]] std::shared_ptr<const result_shape> type_lookup_shape();
/// What its rows say. Throws conversion_error.
[[nodiscard]] std::vector<user_type> read_user_types(const result& rows);

} // namespace wharf::postgres
