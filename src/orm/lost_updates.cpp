// What a session does about updates that others get in the way of, apart from refusing them: resolve() and increment().
#include "orm/flush_plan.hpp"
#include "orm/statements.hpp"
#include "orm/stored_cells.hpp"
#include "orm/told_row.hpp"
#include "sql/change.hpp"
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

std::size_t column_at(const class_descriptor& type, std::size_t offset) {
    const auto found = std::ranges::find_if(type.columns, [offset](const column_descriptor& column) {
        return column.type != nullptr && column.offset == offset;
    });
    if (found == type.columns.end() || found->key || found->version) {
        throw usage_error("increment() adds to a mapped column of table " + std::string(type.table) +
                          " that is neither its key nor its version");
    }
    return static_cast<std::size_t>(found - type.columns.begin());
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

io::op<void> session_core::increment(entity_base handle, std::size_t offset, parameters by) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    auto& object = *handle.state();
    require_row(*this, object, "increment");
    const auto& type = *object.type;
    std::vector<std::size_t> columns{column_at(type, offset)};
    if (is_changed(object)) co_await flush_all(*this, *parts_, then::nothing);

    const auto key = key_table_columns(type);
    std::optional<sql::table_column> version;
    if (type.version_column >= 0) {
        columns.push_back(static_cast<std::size_t>(type.version_column));
        version = table_column_of(type, columns.back());
    }
    sql::row_address where;
    where.key = key;
    if (version) where.version = &*version;
    const auto text = sql::increment_row(kind(), type.table, table_column_of(type, columns.front()), where);
    for (std::size_t i = 0; i < type.key_size; ++i)
        add_key_part(object.key, i, type.key_size, type.columns[i].wire, by);
    parts_->tx.note_write();
    const auto rows = co_await parts_->run_one(text, std::move(by));
    if (rows.empty()) {
        throw stale_data("row " + describe_key(type, object.key) + " of table " + std::string(type.table) +
                         " was to be incremented, but is not there any more");
    }
    parts_->tx.remember(object);
    start_watching(*parts_, object);
    const auto before = object.watch->baseline;
    trial_objects trial;
    told_row told(trial, object, before, before);
    auto cells = rows[0];
    auto stored = object.stored ? std::make_shared<stored_cells>(*object.stored) : std::make_shared<stored_cells>();
    for (const auto column : columns) {
        const auto cell = cells.next();
        told.set(column, cell);
        stored->forget(column);
        if (!gives_back(type.columns[column], cell)) stored->set(column, cell);
    }
    object.watch->baseline = told.known();
    object.stored = stored->empty() ? nullptr : std::move(stored);
}

} // namespace wharf::orm
