#include "postgres/known_types.hpp"

#include "wharf/row/type_table.hpp"

#include <algorithm>

namespace wharf::postgres {
namespace {

const detail::type_entry* find(type_oid type) noexcept {
    for (const auto& known : detail::type_table)
        if (known.type == type || known.array == type) return &known;
    return nullptr;
}

// Composites within composites; PostgreSQL does not nest them in a circle, but what it says is not trusted.
constexpr int deepest = 64;

bool is_read(type_oid type, const user_types& types, int depth) noexcept {
    const auto* known = types.find(type);
    if (known == nullptr) return arrives_in_binary(type);
    if (depth == deepest) return false;
    switch (known->form) {
    case type_form::unknown:
        return false;
    case type_form::domain:
    case type_form::array:
    case type_form::range:
    case type_form::multirange:
        return is_read(known->element, types, depth + 1);
    case type_form::composite:
        return std::ranges::all_of(
            known->members, [&](const composite_member& member) { return is_read(member.type, types, depth + 1); });
    default:
        return true;
    }
}

} // namespace

bool arrives_in_binary(type_oid type, const user_types& types) noexcept {
    return is_read(type, types, 0);
}

bool arrives_in_binary(type_oid type) noexcept {
    if (type == type_oid::unknown) return true;
    const auto* known = find(type);
    return known != nullptr && known->binary;
}

bool is_foreign(type_oid type) noexcept {
    return type != type_oid::unspecified && type != type_oid::unknown && find(type) == nullptr;
}

} // namespace wharf::postgres
