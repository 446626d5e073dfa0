// Rows into objects: those that the session has already, and new ones.
#include "orm/answers.hpp"
#include "orm/object_row.hpp"
#include "orm/session_parts.hpp"
#include "orm/stored_cells.hpp"
#include "wharf/base/error.hpp"

namespace wharf::orm {
namespace {

constexpr std::size_t from_slabs = 4; // fewer objects are not worth a slab

bool refers_elsewhere(object_state& object, std::span<const cell_view> cells) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind != relation_kind::belongs_to) continue;
        if (!(reference_at(object, i).foreign_key() == reference_key_of(type.relations[i], cells))) return true;
    }
    return false;
}

/// Whether the row at hand replaces what the object holds.
bool takes_row(object_state& object, const session_parts& parts, bool populate_existing) {
    if (populate_existing) return true;
    constexpr auto old = object_state::trap_read | object_state::trap_stale;
    const bool is_old = (object.traps & old) != 0 || !parts.tx.is_own(object.read_at);
    return is_old && is_clean(object);
}

void overwrite(session_parts& parts, object_state& object, std::span<const cell_view> cells,
               std::shared_ptr<const stored_cells> stored) {
    // What nobody else has committed, or was not flushed, is no value to keep after a rollback.
    if (parts.tx.has_written() || object.watch != nullptr || refers_elsewhere(object, cells)) parts.tx.remember(object);
    read_object(object, cells);
    object.stored = std::move(stored);
    object.traps &=
        static_cast<std::uint8_t>(~(object_state::trap_read | object_state::trap_stale | object_state::trap_strict));
    object.read_at = parts.tx.now();
    if (object.watch != nullptr) {
        object.watch->baseline = encode_object(object);
    } else {
        object.traps |= object_state::trap_write;
    }
}

} // namespace

std::vector<entity_base> materialise(session_core& session, session_parts& parts, const class_descriptor& type,
                                     const result& rows, bool populate_existing) {
    const auto columns = rows.shape().columns.size();
    if (!rows.empty() && columns != type.columns.size()) {
        throw usage_error("a query for objects of table " + std::string(type.table) + " returned " +
                          std::to_string(columns) + " columns; the class has " + std::to_string(type.columns.size()));
    }
    std::vector<entity_base> objects;
    objects.reserve(rows.size());
    parts.map.reserve(rows.size());
    auto* const memory = rows.size() >= from_slabs ? &parts.memory[&type] : nullptr;
    load_group* group = nullptr;
    std::vector<cell_view> cells;
    parts.tx.note_read();
    trial_objects trial;
    parameters rewritten;
    const auto to_keep = columns_to_keep(type, rows.shape());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        read_cells(rows[i], cells);
        auto stored = keep_cells(type, cells, to_keep);
        trial.make_keys_comparable(type, cells, rewritten);
        auto key = key_in(type, cells);
        if (auto* const known = parts.map.find(type, key)) {
            if (takes_row(*known, parts, populate_existing)) overwrite(parts, *known, cells, std::move(stored));
            objects.push_back(entity_base::share(known));
            continue;
        }
        auto made = entity_base::adopt(memory != nullptr ? memory->make(type) : make_object(type));
        auto& object = *made.state();
        read_object(object, cells);
        object.stored = std::move(stored);
        object.key = std::move(key);
        object.status = object_status::persistent;
        object.traps = object_state::trap_write;
        object.session = &session;
        object.read_at = parts.tx.now();
        parts.map.insert(object);
        if (rows.size() > 1) {
            if (group == nullptr) {
                group = new load_group;
                group->members.reserve(rows.size() - i);
            }
            join_group(*group, object);
        }
        objects.push_back(std::move(made));
    }
    return objects;
}

} // namespace wharf::orm
