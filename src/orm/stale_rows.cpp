#include "orm/stale_rows.hpp"

#include "orm/answers.hpp"
#include "orm/checks.hpp"
#include "orm/statements.hpp"
#include "row/cell_text.hpp"
#include "row/conversion.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/orm/errors.hpp"

#include <unordered_map>

namespace wharf::orm {
namespace {

/// As PostgreSQL writes it; nothing where NULL, or of a type that wharf cannot write.
std::optional<std::string> text_of(const cell_view& cell) {
    if (cell.null) return std::nullopt;
    std::string text;
    if (wharf::detail::is_text(cell) || cell.type == type_oid::jsonb || cell.type >= wharf::detail::first_user_type)
        text = wharf::detail::text_of(cell, "text");
    else if (!wharf::detail::append_text(cell, text))
        return std::nullopt;
    return text;
}

std::vector<stale_change> changes_of(const flush_plan& plan) {
    std::vector<stale_change> changes;
    for (const auto index : plan.stale_updates) {
        const auto& update = plan.updates[index];
        auto& change = changes.emplace_back();
        change.object = entity_base::share(update.object);
        encoded_columns columns(update.row);
        for (std::size_t i = 0; i < update.type->columns.size(); ++i) {
            const auto column = columns.next();
            const bool late = std::ranges::find(update.deferred, i, &deferred_column::column) != update.deferred.end();
            if (update.changed.test(i) && !late) change.columns.emplace_back(i, std::string(column));
        }
    }
    for (const auto index : plan.stale_deletes)
        changes.push_back({entity_base::share(plan.deletes[index].object), {}});
    return changes;
}

struct key_hash {
    std::size_t operator()(const key_value& key) const noexcept { return key.hash(); }
};

/// Adds the columns of one row that are not what was expected.
void compare(const planned_update& update, std::span<const cell_view> theirs, std::vector<stale_column>& out) {
    const auto& type = *update.type;
    encoded_columns ours(update.row);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto column = ours.next();
        if (!update.expected.test(i)) continue;
        parameters expected;
        add_expected(update, i, expected);
        auto held = text_of(theirs[i]);
        if (held == text_of(expected[0])) continue;
        out.push_back({entity_base::share(update.object), std::string(type.columns[i].name),
                       text_of(cell_of(column, type.columns[i].wire)), std::move(held)});
    }
}

/// Updates of one statement: their rows are of one class.
io::op<std::vector<stale_column>> look_up(session_parts& parts, const flush_plan& plan) {
    std::vector<stale_column> found;
    std::unordered_map<key_value, const planned_update*, key_hash> by_key;
    std::vector<key_value> keys;
    const class_descriptor* type = nullptr;
    for (const auto index : plan.stale_updates) {
        const auto& update = plan.updates[index];
        if (update.expected.none() || !update.key.is_set()) continue;
        type = update.type;
        keys.push_back(update.key);
        by_key.emplace(update.key, &update);
    }
    if (type == nullptr || !parts.lent || parts.tx.failed_level() != 0) co_return std::move(found);
    auto& connection = parts.lent.core();
    co_await connection.rollback();
    auto wanted = select_by_keys(parts.engine->kind(), *type, keys);
    result rows;
    batch_item item;
    item.sql = wanted.text;
    item.values = &wanted.values;
    item.rows = &rows;
    const auto items = std::span(&item, 1);
    parts.engine->before_batch(items);
    co_await connection.run(items);
    if (item.error) co_return std::move(found);
    std::vector<cell_view> cells;
    trial_objects trial;
    parameters rewritten;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        read_cells(rows[i], cells);
        const auto held = cells;
        trial.make_keys_comparable(*type, cells, rewritten);
        const auto update = by_key.find(key_in(*type, cells));
        if (update != by_key.end()) compare(*update->second, held, found);
    }
    co_return std::move(found);
}

std::exception_ptr with_columns(const std::exception_ptr& error, std::vector<stale_column> columns) {
    try {
        std::rethrow_exception(error);
    } catch (const stale_data& stale) {
        auto known = stale.known();
        known.columns = std::move(columns);
        return std::make_exception_ptr(stale_data(stale.what(), std::move(known)));
    } catch (...) {
        return error;
    }
}

} // namespace

io::op<std::exception_ptr> tell_of_stale_rows(session_parts& parts, const flush_plan& plan, std::exception_ptr error) {
    parts.stale = changes_of(plan);
    std::vector<stale_column> columns;
    try {
        columns = co_await look_up(parts, plan);
    } catch (...) {
        columns.clear(); // what was found first is what is reported
    }
    co_return with_columns(error, std::move(columns));
}

} // namespace wharf::orm
