// The watch list: objects whose members may have been changed, each with its row as the database has it.
#include "orm/flush_plan.hpp"
#include "orm/session_parts.hpp"

#include <utility>

namespace wharf::orm {

void start_watching(session_parts& parts, object_state& object) {
    if (object.status == object_status::pending) { // an INSERT writes all of it
        object.touched = true;
        object.traps &= static_cast<std::uint8_t>(~object_state::trap_write);
        return;
    }
    const bool is_new = object.watch == nullptr;
    start_watching_alone(object);
    if (is_new) enlist(parts, object);
}

void stop_watching(session_parts& parts, object_state& object) noexcept {
    if (object.watch == nullptr) return;
    delist(parts, object);
    object.watch.reset();
}

void enlist(session_parts& parts, object_state& object) {
    object.watch->position = parts.watched.size();
    parts.watched.push_back(&object);
}

void delist(session_parts& parts, object_state& object) noexcept {
    if (object.watch == nullptr || object.watch->position == watch_record::unlisted) return;
    const auto hole = std::exchange(object.watch->position, watch_record::unlisted);
    auto* const last = parts.watched.back();
    parts.watched.pop_back();
    if (last == &object) return;
    parts.watched[hole] = last;
    last->watch->position = hole;
}

void remember_unwritten(session_parts& parts) {
    for (const auto& object : parts.added)
        parts.tx.remember_unwritten(*object.state());
    for (auto* const object : parts.watched)
        if (is_changed(*object)) parts.tx.remember_unwritten(*object);
}

} // namespace wharf::orm
