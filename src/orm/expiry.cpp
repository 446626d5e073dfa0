// Which objects have to be read again, and reading them. session.md calls it "reads belong to their transaction":
// values stay good to look at, but what was read before is not the silent base of a later write.
#include "orm/flush_plan.hpp"
#include "orm/loading.hpp"
#include "orm/statements.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

constexpr std::uint8_t not_as_they_are = object_state::trap_read | object_state::trap_stale | object_state::trap_strict;

/// A reference to an object that is going to take the key of the one that was referred to before changes no column yet.
bool refers_elsewhere(object_state& object) {
    const auto& type = *object.type;
    std::vector<std::string_view> before;
    split_row(object.watch->baseline, type.columns.size(), before);
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind != relation_kind::belongs_to) continue;
        const auto key = reference_key_in(type, type.relations[i], before);
        if (!(reference_at(object, i).foreign_key() == key)) return true;
    }
    return false;
}

} // namespace

bool is_clean(object_state& object) {
    return object.watch == nullptr || (!is_changed(object) && !refers_elsewhere(object));
}

void expire_for_strict(session_parts& parts) {
    parts.map.for_each([&parts](object_state& object) {
        if ((object.traps & object_state::trap_read) != 0 || parts.tx.is_own(object.read_at) || !is_clean(object)) {
            return;
        }
        object.traps |= object_state::trap_read | object_state::trap_strict;
    });
    parts.tx.strict = true;
}

void end_strict(session_parts& parts) noexcept {
    if (!std::exchange(parts.tx.strict, false)) return;
    parts.map.for_each([](object_state& object) { end_strict(object); });
}

void end_strict(object_state& object) noexcept {
    if ((object.traps & object_state::trap_strict) == 0) return;
    object.traps &= static_cast<std::uint8_t>(~(object_state::trap_read | object_state::trap_strict));
}

void expire_for_write(session_parts& parts) {
    parts.map.for_each([](object_state& object) { object.traps |= object_state::trap_stale; });
}

void throw_row_is_gone(const object_state& object) {
    throw no_result("row " + describe_key(*object.type, object.key) + " of table " + std::string(object.type->table) +
                    " is not there any more");
}

io::op<void> read_again(session_core& session, session_parts& parts, object_state& touched) {
    const auto keep = entity_base::share(&touched);
    if (!is_clean(touched)) { // what was written to it is not lost, and is compared with the row at the flush
        touched.traps &= static_cast<std::uint8_t>(~not_as_they_are);
        co_return;
    }
    const bool collections_too = (touched.traps & object_state::trap_strict) == 0;
    const auto wanted = [](object_state& peer) {
        return peer.session != nullptr && (peer.traps & not_as_they_are) != 0 && is_clean(peer);
    };
    const auto owners = peers_of(touched, wanted);
    std::vector<key_value> keys;
    keys.reserve(owners.size());
    for (const auto* const owner : owners)
        keys.push_back(owner->key);
    auto statement = select_by_keys(parts.engine->kind(), *touched.type, keys);
    const auto rows = co_await parts.run_one(statement.text, std::move(statement.values));
    const auto found = materialise(session, parts, *touched.type, rows, false);
    if (touched.session != &session) co_return;
    if ((touched.traps & not_as_they_are) != 0) throw_row_is_gone(touched);
    if (!collections_too) co_return;
    for (const auto& object : found) {
        const auto& relations = object.state()->type->relations;
        for (std::size_t i = 0; i < relations.size(); ++i)
            if (relations[i].kind == relation_kind::has_many) collection_at(*object.state(), i).unload();
    }
}

} // namespace wharf::orm
