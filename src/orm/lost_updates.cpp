// What a session does about updates that others get in the way of, apart from refusing them: resolve().
#include "orm/flush_plan.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

void require_row(const session_core& session, const object_state& object, const char* call) {
    if (session.contains(object) && object.status == object_status::persistent) return;
    throw usage_error(std::string(call) + "() was given an object of table " + std::string(object.type->table) +
                      " that has no row in this session");
}

const std::string* find(const stale_change& change, std::size_t column) {
    const auto found = std::ranges::find(change.columns, column, [](const auto& each) { return each.first; });
    return found == change.columns.end() ? nullptr : &found->second;
}

/// Makes the changes to the members again, and to references that hold their keys themselves.
void make_again(object_state& object, const stale_change& change) {
    const auto& type = *object.type;
    for (const auto& [column, value] : change.columns)
        if (type.columns[column].type != nullptr) restore_column(object, column, value);
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        const auto& relation = type.relations[i];
        if (relation.kind != relation_kind::belongs_to || has_member(type, relation)) continue;
        key_builder built(relation.columns.size());
        bool all = true;
        for (const auto column : relation.columns) {
            const auto* const value = find(change, column);
            all = all && value != nullptr;
            if (value != nullptr) built.add(cell_of(*value, type.columns[column].wire));
        }
        if (all) reference_at(object, i).change({}, built.finish());
    }
}

} // namespace

io::op<void> session_core::resolve(entity_base handle, resolution how) {
    parts_->require_usable();
    auto& object = *handle.state();
    require_row(*this, object, "resolve");
    const auto is_it = [&](const stale_change& change) { return change.object.state() == &object; };
    const auto known = std::ranges::find_if(parts_->stale, is_it);
    if (known == parts_->stale.end()) {
        throw usage_error("resolve() is for the objects that the last stale_data named; an object of table " +
                          std::string(object.type->table) + " is none of them");
    }
    auto change = std::move(*known);
    parts_->stale.erase(known);
    get_options fresh;
    fresh.populate_existing = true;
    co_await refresh(handle, fresh);
    if (how == resolution::take_theirs) co_return;
    const call_scope scope(*parts_);
    start_watching(*parts_, object);
    make_again(object, change);
}

} // namespace wharf::orm
