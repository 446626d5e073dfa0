// A value of any type, changed into the type that a statement wants: also into types that users or extensions have
// made.
#pragma once

#include "postgres/adapt_scalar.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/user_types.hpp"

#include <string>
#include <string_view>

namespace wharf::postgres {

/// A composite type has not the members that were given, as far as is known.
class composite_mismatch : public conversion_error {
public:
    using conversion_error::conversion_error;
};

/// As adapt_scalar; `types` (null: none) is what is known of user types, among them `wanted`. Throws
/// composite_mismatch for a composite value whose members do not fit, which names the member.
[[nodiscard]] adaptation adapt_value(const user_types* types, type_oid given, std::string_view bytes, type_oid wanted,
                                     std::string& out);

/// A composite value, whose members have the types that belong to their C++ types, as the composite type `wanted`.
[[nodiscard]] adaptation adapt_record(const user_types& types, std::string_view bytes, const user_type& wanted,
                                      std::string& out);

/// An array of numbers, or a vector, as one of pgvector's types.
[[nodiscard]] adaptation adapt_vector(type_oid given, std::string_view bytes, type_oid wanted, std::string& out);

/// As name_of, also for user types.
[[nodiscard]] std::string name_of(const user_types* types, type_oid type);

} // namespace wharf::postgres
