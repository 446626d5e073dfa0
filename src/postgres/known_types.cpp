#include "postgres/known_types.hpp"

#include "wharf/row/type_table.hpp"

namespace wharf::postgres {
namespace {

const detail::type_entry* find(type_oid type) noexcept {
    for (const auto& known : detail::type_table)
        if (known.type == type || known.array == type) return &known;
    return nullptr;
}

} // namespace

bool arrives_in_binary(type_oid type) noexcept {
    if (type == type_oid::unknown) return true;
    const auto* known = find(type);
    return known != nullptr && known->binary;
}

bool is_foreign(type_oid type) noexcept {
    return type != type_oid::unspecified && type != type_oid::unknown && find(type) == nullptr;
}

} // namespace wharf::postgres
