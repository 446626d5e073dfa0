// The watch list: objects whose members may have been changed, each with its row as the database has it.
#include "orm/object_row.hpp"
#include "orm/session_parts.hpp"

#include <utility>

namespace wharf::orm {

void start_watching(session_parts& parts, object_state& object) {
    if (object.status == object_status::pending) { // an INSERT writes all of it
        object.touched = true;
        object.traps &= static_cast<std::uint8_t>(~object_state::trap_write);
        return;
    }
    if (object.watch == nullptr) {
        auto record = std::make_unique<watch_record>();
        record->baseline = encode_object(object);
        object.watch = std::move(record);
        enlist(parts, object);
    }
    object.traps &= static_cast<std::uint8_t>(~object_state::trap_write);
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

void renew_baseline(session_parts& parts, object_state& object, encoded_row now) {
    auto& record = *object.watch;
    const auto level = parts.levels.empty() ? 0 : parts.levels.size() - 1;
    if (!parts.levels.empty() && (record.saved.empty() || record.saved.back().level < level)) {
        record.saved.push_back({level, record.baseline, record.baseline});
    }
    record.baseline = std::move(now);
}

void save_before_level(session_parts& parts) {
    const auto level = parts.levels.size() - 1;
    for (auto* const object : parts.watched) {
        auto& record = *object->watch;
        auto now = encode_object(*object);
        if (now != record.baseline) record.saved.push_back({level, std::move(now), record.baseline});
    }
}

} // namespace wharf::orm
