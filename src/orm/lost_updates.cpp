// What a session does about updates that others get in the way of, apart from refusing them: resolve().
#include "orm/lost_updates.hpp"

#include "orm/flush_plan.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

/// What the database had of the object when the unit of work began; empty where that is not known.
const encoded_row& row_at_the_beginning(const transaction_state& tx, const object_state& object) {
    static const encoded_row unknown;
    for (const auto& level : tx.levels()) {
        const auto saved = std::ranges::find_if(
            level.objects, [&object](const saved_object& each) { return each.object.state() == &object; });
        if (saved != level.objects.end() && !saved->baseline.empty()) return saved->baseline;
    }
    return object.watch != nullptr ? object.watch->baseline : unknown;
}

void note_members(object_state& object, std::span<const std::string_view> before, stale_change& change) {
    const auto& type = *object.type;
    parameters held;
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        if (type.columns[i].type == nullptr || type.columns[i].version) continue;
        held.clear();
        encode_column(object, i, held);
        if (held.encoded(0) != before[i]) change.columns.emplace_back(i, std::string(held.encoded(0)));
    }
}

void note_references(object_state& object, std::span<const std::string_view> before, stale_change& change) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind != relation_kind::belongs_to) continue;
        const auto& reference = reference_at(object, i);
        const auto key = reference.foreign_key();
        const bool is_new = reference.target() && !key.is_set();
        if (!is_new && key == reference_key_in(type, type.relations[i], before)) continue;
        change.references.push_back({i, reference.target(), reference.target() ? key_value() : key});
    }
}

/// The key of an object that was new is not the one it had in the transaction.
bool is_said_by_an_object(const class_descriptor& type, const stale_change& change, std::size_t column) {
    return std::ranges::any_of(change.references, [&](const stale_change::reference& reference) {
        const auto& columns = type.relations[reference.relation].columns;
        return reference.target && std::ranges::find(columns, column) != columns.end();
    });
}

void require_row(const session_core& session, const object_state& object) {
    if (session.contains(object) && object.status == object_status::persistent) return;
    throw usage_error("resolve() was given an object of table " + std::string(object.type->table) +
                      " that the rollback has put out of the session, where it was before: add() it, and resolve() it "
                      "then");
}

} // namespace

stale_change change_of(const transaction_state& tx, object_state& object) {
    stale_change change{entity_base::share(&object)};
    change.removal = object.removal;
    const auto& row = row_at_the_beginning(tx, object);
    if (change.removal || row.empty()) return change;
    std::vector<std::string_view> before;
    split_row(row, object.type->columns.size(), before);
    note_members(object, before, change);
    note_references(object, before, change);
    return change;
}

io::op<void> session_core::resolve(entity_base handle, resolution how) {
    parts_->require_usable();
    auto& object = *handle.state();
    const auto is_it = [&](const stale_change& change) { return change.object.state() == &object; };
    const auto known = std::ranges::find_if(parts_->stale, is_it);
    if (known == parts_->stale.end()) {
        throw usage_error("resolve() is for the objects that the last stale_data named; an object of table " +
                          std::string(object.type->table) + " is none of them");
    }
    const auto owner = known->replaces ? known->replaces : handle;
    require_row(*this, *owner.state());
    const auto change = std::move(*known);
    parts_->stale.erase(known);
    get_options fresh;
    fresh.populate_existing = true;
    co_await refresh(owner, fresh);
    if (how == resolution::take_theirs) co_return;
    if (change.removal || change.replaces) {
        remove(*owner.state());
        if (change.replaces) add(object);
        co_return;
    }
    {
        const call_scope scope(*parts_);
        start_watching(*parts_, object);
        for (const auto& [column, value] : change.columns)
            if (!is_said_by_an_object(*object.type, change, column)) restore_column(object, column, value);
    }
    for (const auto& reference : change.references)
        reference_at(object, reference.relation).assign(reference.target, reference.key);
}

} // namespace wharf::orm
