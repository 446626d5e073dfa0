// Rows into objects: those that the session has already, and new ones.
#include "orm/materialise.hpp"

#include "orm/object_row.hpp"
#include "orm/stored_cells.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>

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

materialiser::materialiser(session_core& session, session_parts& parts, const class_descriptor& type,
                           const result& rows, bool populate_existing)
    : session_(session), parts_(parts), type_(type), rows_(rows), populate_existing_(populate_existing) {
    const auto columns = rows.shape().columns.size();
    if (!rows.empty() && columns != type.columns.size()) {
        throw usage_error("a query for objects of table " + std::string(type.table) + " returned " +
                          std::to_string(columns) + " columns; the class has " + std::to_string(type.columns.size()));
    }
    to_keep_ = columns_to_keep(type, rows.shape());
    if (rows.size() >= from_slabs) memory_ = &parts.memory[&type];
    objects_.reserve(rows.size());
    parts.map.reserve(rows.size());
    parts.tx.note_read();
}

materialiser::~materialiser() {
    if (group_ != nullptr && --group_->live == 0) delete group_;
}

bool materialiser::take(std::size_t most) {
    for (const auto end = std::min(next_ + most, rows_.size()); next_ < end; ++next_)
        take_next();
    return next_ < rows_.size();
}

void materialiser::take_next() {
    read_cells(rows_[next_], cells_);
    auto stored = keep_cells(type_, cells_, to_keep_);
    trial_.make_keys_comparable(type_, cells_, rewritten_);
    auto key = key_in(type_, cells_);
    if (auto* const known = parts_.map.find(type_, key)) {
        if (takes_row(*known, parts_, populate_existing_)) overwrite(parts_, *known, cells_, std::move(stored));
        objects_.push_back(entity_base::share(known));
    } else {
        objects_.push_back(make(std::move(key), std::move(stored)));
    }
}

entity_base materialiser::make(key_value key, std::shared_ptr<const stored_cells> stored) {
    auto made = entity_base::adopt(memory_ != nullptr ? memory_->make(type_) : make_object(type_));
    auto& object = *made.state();
    read_object(object, cells_);
    object.stored = std::move(stored);
    object.key = std::move(key);
    object.status = object_status::persistent;
    object.traps = object_state::trap_write;
    object.session = &session_;
    object.read_at = parts_.tx.now();
    parts_.map.insert(object);
    if (rows_.size() > 1) join(object);
    return made;
}

void materialiser::join(object_state& object) {
    if (group_ == nullptr) {
        group_ = new load_group;
        ++group_->live;
        group_->members.reserve(rows_.size() - next_);
    }
    join_group(*group_, object);
}

std::vector<entity_base> materialise(session_core& session, session_parts& parts, const class_descriptor& type,
                                     const result& rows, bool populate_existing) {
    materialiser reading(session, parts, type, rows, populate_existing);
    reading.take(rows.size());
    return reading.objects();
}

io::op<std::vector<entity_base>> materialise_many(session_core& session, session_parts& parts,
                                                  const class_descriptor& type, const result& rows,
                                                  bool populate_existing) {
    materialiser reading(session, parts, type, rows, populate_existing);
    while (reading.take(io::rows_between_yields))
        co_await io::yield();
    co_return reading.objects();
}

} // namespace wharf::orm
