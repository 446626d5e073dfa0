#include "wharf/orm/object_state.hpp"

#include "orm/loose.hpp"
#include "orm/object_memory.hpp"
#include "orm/object_row.hpp"
#include "orm/session_parts.hpp"
#include "orm/slab.hpp"
#include "orm/stored_cells.hpp"
#include "wharf/orm/errors.hpp"
#include "wharf/orm/relation_base.hpp"
#include "wharf/orm/session_core.hpp"

#include <algorithm>
#include <new>

namespace wharf::orm {
namespace {

std::align_val_t alignment_of(const class_descriptor& type) noexcept {
    return std::align_val_t{std::max(type.alignment, alignof(object_state))};
}

void free_memory(void* memory, slab* of, const class_descriptor& type) noexcept {
    if (of != nullptr) {
        of->release(memory, object_size(type));
    } else {
        ::operator delete(memory, alignment_of(type));
    }
}

template <class Construct>
object_state* put_object(void* memory, slab* of, const class_descriptor& type, Construct construct) {
    auto* state = ::new (memory) object_state(type);
    state->memory = of;
    try {
        construct(state->object());
    } catch (...) {
        state->~object_state();
        free_memory(memory, of, type);
        throw;
    }
    for (std::size_t i = 0; i < type.relations.size(); ++i)
        type.relations[i].at(state->object())->bind(*state, i);
    return state;
}

} // namespace

object_state* make_object(const class_descriptor& type) {
    return put_object(::operator new(object_size(type), alignment_of(type)), nullptr, type, type.construct);
}

object_state* make_object(const class_descriptor& type, void* source,
                          void (*construct_from)(void* memory, void* source)) {
    return put_object(::operator new(object_size(type), alignment_of(type)), nullptr, type,
                      [&](void* memory) { construct_from(memory, source); });
}

object_state* make_loose_object(const class_descriptor& type, void* source,
                                void (*construct_from)(void* memory, void* source)) {
    auto* const made = make_object(type, source, construct_from);
    set_loose(*made, true);
    return made;
}

object_state* construct_object(void* memory, slab* of, const class_descriptor& type) {
    return put_object(memory, of, type, type.construct);
}

void end_object(object_state& ended) noexcept {
    const auto& type = *ended.type;
    auto* const of = ended.memory;
    type.destroy(ended.object());
    ended.~object_state();
    free_memory(&ended, of, type);
}

void before_read(object_state& accessed) {
    if (accessed.session == nullptr) {
        throw detached("an object of table " + std::string(accessed.type->table) +
                       " was expired before it left its session; its values are not known any more");
    }
    accessed.session->access_expired(accessed);
}

void before_write(object_state& accessed) {
    constexpr auto old = object_state::trap_read | object_state::trap_stale;
    // Without a session what was read is all that there is to change; it is checked when it is written.
    const auto asked = accessed.session != nullptr ? old : object_state::trap_read;
    if ((accessed.traps & asked) != 0) before_read(accessed);
    if ((accessed.traps & object_state::trap_write) == 0) return;
    if (accessed.session != nullptr) {
        accessed.session->watch(accessed);
    } else { // detached: changes are found when it is added again
        start_watching_alone(accessed);
    }
}

void ask_for_check(object_state* object, std::uint8_t flag) {
    if (object == nullptr) throw_null_entity();
    if ((object->checks & flag) != 0) return;
    if (object->session != nullptr) {
        const brief_scope scope(object->session->parts());
        object->session->before_change(*object);
    }
    object->checks |= flag;
}

void throw_null_entity() {
    throw null_entity("an empty entity was dereferenced; test it first, or use get_one() and one(), "
                      "which throw when there is no row");
}

} // namespace wharf::orm
