// increment(): adding to a column in the database, which no other session can get in the way of.
#include "orm/flush_plan.hpp"
#include "orm/statements.hpp"
#include "orm/step_statement.hpp"
#include "orm/stored_cells.hpp"
#include "orm/told_row.hpp"
#include "sql/change.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

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

std::string name_of(const object_state& object, std::size_t column) {
    const auto& type = *object.type;
    return "column \"" + std::string(type.columns[column].name) + "\" of row " + describe_key(type, object.key) +
           " of table " + std::string(type.table);
}

/// Whether nobody else has written the row since it was read.
bool is_next_version(const class_descriptor& type, std::string_view before, const cell_view& version) {
    const auto wire = type.columns[static_cast<std::size_t>(type.version_column)].wire;
    return key_of_cell(version) == key_of_cell(cell_of(expected_version(type, before, 1), wire));
}

/// The row was written: what its members cannot hold must not be committed.
std::exception_ptr why_unreadable(const object_state& object, std::span<const std::size_t> columns, row_view row,
                                  trial_objects& trial) {
    auto& unused = trial.of(*object.type);
    for (const auto column : columns) {
        const auto& described = object.type->columns[column];
        try {
            described.type->decode(row.next(), described.at(unused.object()));
        } catch (const conversion_error& error) {
            return std::make_exception_ptr(conversion_error(name_of(object, column) +
                                                            " was incremented beyond what its member can hold (" +
                                                            error.what() + "). Nothing was written"));
        }
    }
    return nullptr;
}

} // namespace

io::op<void> session_core::increment(entity_base handle, std::size_t offset, parameters by) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    auto& object = *handle.state();
    if (!contains(object) || object.status != object_status::persistent) {
        throw usage_error("increment() was given an object of table " + std::string(object.type->table) +
                          " that has no row in this session");
    }
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
    trial_objects trial;
    if (const auto unreadable = why_unreadable(object, columns, rows[0], trial)) {
        parts_->tx.fail(unreadable);
        std::rethrow_exception(unreadable);
    }
    parts_->tx.remember(object);
    start_watching(*parts_, object);
    const auto before = object.watch->baseline;
    told_row told(trial, object, before, before);
    auto cells = rows[0];
    auto stored = object.stored ? std::make_shared<stored_cells>(*object.stored) : std::make_shared<stored_cells>();
    for (const auto column : columns) {
        const auto cell = cells.next();
        // The other columns are as others have left them: the old version goes on to be the one that is expected.
        if (type.columns[column].version && !is_next_version(type, before, cell)) continue;
        told.set(column, cell);
        stored->forget(column);
        if (!gives_back(type.columns[column], cell)) stored->set(column, cell);
    }
    object.watch->baseline = told.known();
    object.stored = stored->empty() ? nullptr : std::move(stored);
}

} // namespace wharf::orm
