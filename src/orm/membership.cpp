// Objects entering and leaving a session, without SQL.
#include "orm/mirror.hpp"
#include "orm/session_parts.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

void arm_write_trap(object_state& object) noexcept {
    object.traps |= object_state::trap_write;
}

std::string name_of(const object_state& object) {
    return std::string(object.type->table) + " " + describe_key(*object.type, object.key);
}

void take_in(session_core& session, session_parts& parts, object_state& object) {
    if (object.session != nullptr) {
        throw usage_error("an object of table " + std::string(object.type->table) +
                          " was added that belongs to another session; expunge it there first");
    }
    if (object.status == object_status::detached) {
        if (parts.map.find(*object.type, object.key) != nullptr) {
            throw usage_error("another object of this session stands for the row " + name_of(object));
        }
        parts.map.insert(object);
        object.status = object_status::persistent;
        if (object.watch != nullptr) {
            enlist(parts, object);
        } else {
            arm_write_trap(object);
        }
    } else {
        parts.added.push_back(entity_base::share(&object));
        object.status = object_status::pending;
        object.touched = false;
        object.added_level = static_cast<std::uint32_t>(parts.levels.empty() ? 0 : parts.levels.size() - 1);
        arm_write_trap(object);
    }
    object.session = &session;
}

/// What the object refers to and what its collections hold comes along, and both sides learn of each other.
void take_in_neighbours(object_state& object, std::vector<object_state*>& to_add) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind == relation_kind::belongs_to) {
            const auto& reference = reference_at(object, i);
            auto* const target = reference.target().state();
            if (target != nullptr && target->session == nullptr) to_add.push_back(target);
            continue;
        }
        const auto& collection = collection_at(object, i);
        if (collection.known().empty()) continue;
        const auto inverse = static_cast<std::size_t>(inverse_of(type, i));
        for (const auto& item : collection.known()) {
            const auto& reference = reference_at(*item.state(), inverse);
            if (reference.target().state() != &object) {
                reference.set(entity_base::share(&object), {});
                reference.set_by_collection(true);
            }
            reference.set_linked(true);
            if (item.state()->session == nullptr) to_add.push_back(item.state());
        }
    }
}

/// Lets go of other objects, and lets them go of this one, so that no handles go round in circles.
void cut_relations(object_state& object, bool keep_targets) noexcept {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind == relation_kind::has_many) {
            if (keep_targets) continue;
            const auto& collection = collection_at(object, i);
            collection.set_loaded(false);
            const auto gone = std::exchange(collection.known(), {});
            continue;
        }
        const auto& reference = reference_at(object, i);
        const bool stays_with_collection = keep_targets && reference.by_collection() && reference.target() &&
                                           reference.target().state()->status == object_status::transient;
        if (!stays_with_collection && reference.linked() && object.session != nullptr) unlink(reference);
        if (keep_targets && !stays_with_collection) continue;
        auto key = reference.foreign_key();
        reference.set_linked(false);
        if (!stays_with_collection) reference.set_by_collection(false);
        reference.set({}, std::move(key));
    }
}

} // namespace

entity_base session_core::add(const class_descriptor& type, void* source,
                              void (*construct_from)(void* memory, void* source)) {
    auto made = entity_base::adopt(make_object(type, source, construct_from));
    add(*made.state());
    return made;
}

void session_core::add(object_state& object) {
    if (object.session == this) {
        if (!object.removal) return;
        object.removal = false;
        std::erase_if(parts_->removed, [&](const entity_base& kept) { return kept.state() == &object; });
        return;
    }
    std::vector<object_state*> to_add{&object};
    std::vector<object_state*> taken;
    while (!to_add.empty()) {
        auto* const next = to_add.back();
        to_add.pop_back();
        if (next->session == this) continue;
        take_in(*this, *parts_, *next);
        taken.push_back(next);
        const auto first_new = to_add.size();
        take_in_neighbours(*next, to_add);
        std::reverse(to_add.begin() + static_cast<std::ptrdiff_t>(first_new), to_add.end());
    }
    for (auto* const next : taken) {
        for (std::size_t i = 0; i < next->type->relations.size(); ++i)
            if (next->type->relations[i].kind == relation_kind::belongs_to) link(reference_at(*next, i));
    }
}

void session_core::remove(object_state& object) {
    if (object.session != this || object.status == object_status::transient) {
        throw usage_error("remove() was given an object of table " + std::string(object.type->table) +
                          " that is not in this session; only objects that were read or added can be removed");
    }
    if (object.status == object_status::pending) {
        expunge(object);
        return;
    }
    if (object.removal || object.status == object_status::deleted) return;
    object.removal = true;
    object.added_level = static_cast<std::uint32_t>(parts_->levels.empty() ? 0 : parts_->levels.size() - 1);
    parts_->removed.push_back(entity_base::share(&object));
}

void session_core::expunge(object_state& object) {
    if (object.session != this) {
        throw usage_error("expunge() was given an object of table " + std::string(object.type->table) +
                          " that is not in this session");
    }
    const auto keep = entity_base::share(&object);
    if (object.status == object_status::pending) {
        std::erase_if(parts_->added, [&](const entity_base& kept) { return kept.state() == &object; });
        make_transient(std::span(&keep, 1));
        return;
    }
    // Changes made from here on are found when it is added again.
    if ((object.traps & object_state::trap_read) == 0) start_watching(*parts_, object);
    delist(*parts_, object);
    auto record = std::move(object.watch);
    std::erase_if(parts_->removed, [&](const entity_base& kept) { return kept.state() == &object; });
    parts_->map.erase(object);
    make_detached(*parts_, object);
    object.watch = std::move(record);
}

void make_transient(std::span<const entity_base> objects) noexcept {
    for (const auto& object : objects)
        object.state()->status = object_status::transient;
    for (const auto& object : objects)
        cut_relations(*object.state(), true);
    for (const auto& object : objects) {
        auto& state = *object.state();
        state.session = nullptr;
        state.traps = 0;
        state.touched = false;
        state.removal = false;
    }
}

void make_detached(session_parts& parts, object_state& object) noexcept {
    stop_watching(parts, object);
    cut_relations(object, false);
    leave_group(object);
    object.status = object_status::detached;
    object.session = nullptr;
    object.traps &= static_cast<std::uint8_t>(~object_state::trap_write);
    object.removal = false;
}

void detach_all(session_parts& parts) noexcept {
    for (const auto& level : parts.levels)
        for (const auto& object : level.deleted)
            if (object.state()->status == object_status::deleted) make_detached(parts, *object.state());
    parts.levels.clear();
    // Nobody needs to be told one by one: all of them go.
    for (auto* const object : parts.watched)
        object->watch.reset();
    parts.watched.clear();
    parts.removed.clear();
    const auto added = std::exchange(parts.added, {});
    make_transient(added);
    parts.map.for_each([](object_state& object) {
        object.session = nullptr;
        object.status = object_status::detached;
    });
    parts.map.for_each([&](object_state& object) { make_detached(parts, object); });
    parts.map.clear();
}

} // namespace wharf::orm
