#include "wharf/row/user_types.hpp"

#include "wharf/row/type_name.hpp"

#include <algorithm>
#include <utility>

namespace wharf {
namespace {

// Domains over domains; a database does not nest them in a circle, but what it says is not trusted.
constexpr int deepest = 32;

} // namespace

void user_types::add(std::vector<user_type> more) {
    for (auto& type : more) {
        const auto at = std::ranges::lower_bound(types_, type.type, {}, &user_type::type);
        if (at != types_.end() && at->type == type.type)
            *at = std::move(type);
        else
            types_.insert(at, std::move(type));
    }
}

const user_type* user_types::find(type_oid type) const noexcept {
    const auto at = std::ranges::lower_bound(types_, type, {}, &user_type::type);
    return at != types_.end() && at->type == type ? &*at : nullptr;
}

type_oid user_types::read_as(type_oid type) const noexcept {
    return simplified(type, true, 0);
}

type_oid user_types::written_as(type_oid type) const noexcept {
    return simplified(type, false, 0);
}

type_oid user_types::simplified(type_oid type, bool arrays, int depth) const noexcept {
    const auto* known = find(type);
    if (known == nullptr || depth == deepest) return type;
    switch (known->form) {
    case type_form::text:
        return type_oid::text;
    case type_form::key_values:
        return type_oid::hstore;
    case type_form::vector:
        return type_oid::vector;
    case type_form::halfvec:
        return type_oid::halfvec;
    case type_form::sparsevec:
        return type_oid::sparsevec;
    case type_form::domain:
        return simplified(known->element, arrays, depth + 1);
    case type_form::array:
        if (arrays) {
            const auto array = array_of(simplified(known->element, arrays, depth + 1));
            if (array != type_oid::unspecified) return array;
        }
        return type;
    default:
        return type;
    }
}

} // namespace wharf
