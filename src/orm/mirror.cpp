#include "orm/mirror.hpp"

#include "orm/build_descriptor.hpp"
#include "wharf/base/error.hpp"
#include "wharf/orm/session_core.hpp"

#include <string>

namespace wharf::orm {

const class_descriptor* known_target_of(const relation_descriptor& relation) {
    // Only where the class came later than the descriptor, with a plug-in, is there something to look for.
    return relation.target_class != nullptr ? relation.target_class : find_descriptor(relation.target);
}

const class_descriptor& target_of(const relation_descriptor& relation) {
    const auto* found = known_target_of(relation);
    if (found == nullptr) {
        throw configuration_error("the class that relation " + std::string(relation.name) +
                                  " points to is not known; include its mapping in a source file that uses the class "
                                  "of the relation");
    }
    return *found;
}

int inverse_of(const class_descriptor& type, std::size_t index) {
    const auto& relation = type.relations[index];
    auto found = relation.other_side;
    if (relation.target_class == nullptr) {
        const auto* target =
            relation.kind == relation_kind::has_many ? &target_of(relation) : known_target_of(relation);
        if (target == nullptr) return relation_descriptor::no_other_side;
        found = find_other_side(type, index, *target);
    }
    if (found < 0 && relation.kind == relation_kind::has_many) {
        throw configuration_error("relation " + std::string(relation.name) + " of table " + std::string(type.table) +
                                  (found == relation_descriptor::several_other_sides
                                       ? " could be the other side of several relations; name one with "
                                         ".inverse<&T::member>()"
                                       : " has no belongs_to on its other side"));
    }
    return found;
}

const collection_base* other_side(const reference_base& reference) {
    auto* const owner = reference.owner();
    auto* target = reference.target().state();
    if (target == nullptr) {
        const auto* type = known_target_of(reference.description());
        if (type == nullptr) return nullptr;
        target = owner->session->find(*type, reference.foreign_key());
    }
    if (target == nullptr) return nullptr;
    const auto inverse = inverse_of(*owner->type, reference.index());
    return inverse < 0 ? nullptr : &collection_at(*target, static_cast<std::size_t>(inverse));
}

bool points_to(const reference_base& reference, const object_state& object) noexcept {
    if (reference.target()) return reference.target().state() == &object;
    return object.key.is_set() && reference.foreign_key() == object.key;
}

void link(const reference_base& reference) {
    if (reference.linked() || !reference.is_set()) return;
    if (const auto* collection = other_side(reference)) {
        reference.owner()->session->before_change(*collection);
        collection->append(*reference.owner(), reference);
        reference.set_linked(true);
    }
}

void unlink(const reference_base& reference) noexcept {
    reference.set_by_collection(false);
    if (!reference.linked()) return;
    if (const auto* collection = other_side(reference)) {
        if (auto* const session = reference.owner()->session) session->before_change(*collection);
        collection->forget(*reference.owner());
    }
    reference.set_linked(false);
}

} // namespace wharf::orm
