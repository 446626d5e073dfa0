// Rows into objects: those that the session has already, and new ones.
#include "orm/object_row.hpp"
#include "orm/session_parts.hpp"
#include "wharf/base/error.hpp"

namespace wharf::orm {
namespace {

constexpr std::size_t from_slabs = 4; // fewer objects are not worth a slab

void overwrite(object_state& object, std::span<const cell_view> cells) {
    read_object(object, cells);
    object.traps &= static_cast<std::uint8_t>(~object_state::trap_read);
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
    for (std::size_t i = 0; i < rows.size(); ++i) {
        read_cells(rows[i], cells);
        auto key = key_in(type, cells);
        if (auto* const known = parts.map.find(type, key)) {
            if (populate_existing || (known->traps & object_state::trap_read) != 0) overwrite(*known, cells);
            objects.push_back(entity_base::share(known));
            continue;
        }
        auto made = entity_base::adopt(memory != nullptr ? memory->make(type) : make_object(type));
        auto& object = *made.state();
        read_object(object, cells);
        object.key = std::move(key);
        object.status = object_status::persistent;
        object.traps = object_state::trap_write;
        object.session = &session;
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
