#include "orm/mirror.hpp"

#include "wharf/base/error.hpp"
#include "wharf/orm/session_core.hpp"

#include <string>

namespace wharf::orm {
namespace {

/// The only relation of `in` of this kind that points to `to`; -1 when there is none, -2 when there are several.
int only_one(const class_descriptor& in, relation_kind kind, tag to) {
    int found = -1;
    for (std::size_t i = 0; i < in.relations.size(); ++i) {
        if (in.relations[i].kind != kind || in.relations[i].target != to) continue;
        if (found != -1) return -2;
        found = static_cast<int>(i);
    }
    return found;
}

int belongs_to_behind(const class_descriptor& type, const relation_descriptor& collection) {
    const auto& target = target_of(collection);
    if (collection.inverse != nullptr) {
        for (std::size_t i = 0; i < target.relations.size(); ++i)
            if (target.relations[i].member == collection.inverse) return static_cast<int>(i);
        return -1;
    }
    return only_one(target, relation_kind::belongs_to, type.type);
}

} // namespace

const class_descriptor& target_of(const relation_descriptor& relation) {
    const auto* found = find_descriptor(relation.target);
    if (found == nullptr) {
        throw configuration_error("the class behind relation " + std::string(relation.name) +
                                  " is not used through wharf anywhere in this program; call describe<T>() for it");
    }
    return *found;
}

int inverse_of(const class_descriptor& type, std::size_t index) {
    const auto& relation = type.relations[index];
    if (relation.kind == relation_kind::has_many) {
        const auto found = belongs_to_behind(type, relation);
        if (found < 0) {
            throw configuration_error("relation " + std::string(relation.name) + " of table " +
                                      std::string(type.table) +
                                      (found == -2 ? " could be the other side of several relations; name one with "
                                                     ".inverse<&T::member>()"
                                                   : " has no belongs_to on its other side"));
        }
        return found;
    }
    const auto* target = find_descriptor(relation.target);
    if (target == nullptr) return -1;
    for (std::size_t i = 0; i < target->relations.size(); ++i) {
        const auto& candidate = target->relations[i];
        if (candidate.kind != relation_kind::has_many || candidate.target != type.type) continue;
        if (belongs_to_behind(*target, candidate) == static_cast<int>(index)) return static_cast<int>(i);
    }
    return -1;
}

namespace {

/// The collection that the reference's owner belongs in, when its object is in the session.
const collection_base* other_side(const reference_base& reference) {
    auto* const owner = reference.owner();
    auto* target = reference.target().state();
    if (target == nullptr) {
        const auto* type = find_descriptor(reference.description().target);
        if (type == nullptr) return nullptr;
        target = owner->session->find(*type, reference.foreign_key());
    }
    if (target == nullptr) return nullptr;
    const auto inverse = inverse_of(*owner->type, reference.index());
    return inverse < 0 ? nullptr : &collection_at(*target, static_cast<std::size_t>(inverse));
}

} // namespace

void link(const reference_base& reference) {
    if (reference.linked() || !reference.is_set()) return;
    if (const auto* collection = other_side(reference)) {
        collection->known().push_back(entity_base::share(reference.owner()));
        reference.set_linked(true);
    }
}

void unlink(const reference_base& reference) noexcept {
    reference.set_by_collection(false);
    if (!reference.linked()) return;
    if (const auto* collection = other_side(reference)) collection->forget(*reference.owner());
    reference.set_linked(false);
}

} // namespace wharf::orm
