#include "orm/stale_rows.hpp"

#include "orm/answers.hpp"
#include "orm/checks.hpp"
#include "orm/lost_updates.hpp"
#include "orm/statements.hpp"
#include "orm/step_statement.hpp"
#include "row/cell_text.hpp"
#include "row/conversion.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace wharf::orm {
namespace {

/// As PostgreSQL writes it; nothing where NULL, or of a type that wharf cannot write.
std::optional<std::string> text_of(const cell_view& cell) {
    if (cell.null) return std::nullopt;
    std::string text;
    try {
        if (wharf::detail::is_text(cell) || cell.type == type_oid::jsonb || cell.type >= wharf::detail::first_user_type)
            text = wharf::detail::text_of(cell, "text");
        else if (!wharf::detail::append_text(cell, text))
            return std::nullopt;
    } catch (const conversion_error&) {
        return std::nullopt;
    }
    return text;
}

std::vector<stale_change> changes_of(const transaction_state& tx, const flush_plan& plan) {
    std::vector<stale_change> changes;
    std::unordered_set<const object_state*> known;
    for (const auto index : plan.stale_updates) {
        const auto& update = plan.updates[index];
        if (!known.insert(update.object).second) continue; // its row is updated in two steps
        auto& change = changes.emplace_back(change_of(tx, *update.object));
        if (update.replaces != nullptr) change.replaces = entity_base::share(update.replaces);
    }
    for (const auto index : plan.stale_deletes)
        if (known.insert(plan.deletes[index].object).second)
            changes.push_back(change_of(tx, *plan.deletes[index].object));
    return changes;
}

struct key_hash {
    std::size_t operator()(const key_value& key) const noexcept { return key.hash(); }
};

/// A row that the plan expects something of.
struct expected_row {
    std::size_t place{0}; ///< in updates or deletes
    bool is_update{true};
    bool is_named{false}; ///< the database has said that it is stale
    bool is_stale{false};
};

/// What the plan has to do with rows of one class that were there before.
struct expected_rows {
    std::vector<key_value> keys{};
    std::unordered_map<key_value, expected_row, key_hash> by_key{};
};

using rows_by_class = std::map<const class_descriptor*, expected_rows>;

/// Rows that the transaction has written before are its own, and locked.
std::unordered_set<const object_state*> written_before(const transaction_state& tx) {
    std::unordered_set<const object_state*> objects;
    for (const auto& level : tx.levels()) {
        objects.insert(level.updated.begin(), level.updated.end());
        for (const auto& inserted : level.inserted)
            objects.insert(inserted.object.state());
    }
    return objects;
}

/// All but those of which nothing is to be learnt.
rows_by_class rows_to_look_at(const transaction_state& tx, const flush_plan& plan) {
    rows_by_class found;
    const auto written = written_before(tx);
    const auto add = [&](const class_descriptor& type, const object_state& object, const key_value& key,
                         expected_row row) {
        if (!key.is_set() || (!row.is_named && written.contains(&object))) return;
        auto& rows = found[&type];
        if (rows.by_key.emplace(key, row).second) rows.keys.push_back(key);
    };
    const auto is_in = [](const std::vector<std::size_t>& named, std::size_t place) {
        return std::ranges::find(named, place) != named.end();
    };
    for (const auto place : plan.stale_updates) {
        const auto& update = plan.updates[place];
        if (update.expected.any()) add(*update.type, *update.object, update.key, {place, true, true, true});
    }
    for (std::size_t i = 0; i < plan.updates.size(); ++i) {
        const auto& update = plan.updates[i];
        if (update.earlier != 0 || update.insert != planned_update::no_insert || is_in(plan.stale_updates, i)) continue;
        const auto& source = update.replaces != nullptr ? *update.replaces : *update.object;
        add(*update.type, source, update.key, {i, true, false, true});
    }
    for (std::size_t i = 0; i < plan.deletes.size(); ++i) {
        const auto& removed = plan.deletes[i];
        if (removed.earlier == 0 && !is_in(plan.stale_deletes, i))
            add(*removed.type, *removed.object, removed.key, {i, false, false, true});
    }
    return found;
}

/// Compares rows as they are with what the plan expected of them.
class comparison {
public:
    explicit comparison(const flush_plan& plan) : plan_(plan) {}

    /// Whether the row is stale; adds the columns that are not what was expected.
    bool look_at(const expected_row& row, std::span<const cell_view> theirs, std::vector<stale_column>& out) {
        if (!row.is_update) {
            const auto& removed = plan_.deletes[row.place];
            return has_other_version(*removed.type, removed.before, theirs);
        }
        const auto& update = plan_.updates[row.place];
        const bool is_other = update.check_version && has_other_version(*update.type, update.before, theirs);
        return compare(update, theirs, out) || is_other;
    }

private:
    static bool has_other_version(const class_descriptor& type, std::string_view before,
                                  std::span<const cell_view> theirs) {
        if (type.version_column < 0) return false;
        const auto column = static_cast<std::size_t>(type.version_column);
        const auto expected = expected_version(type, before, 0);
        return !(key_of_cell(theirs[column]) == key_of_cell(cell_of(expected, type.columns[column].wire)));
    }

    /// What the cell would be in the member, or in the key of the reference.
    bool is_as_before(const class_descriptor& type, std::size_t column, std::string_view before,
                      const cell_view& theirs) {
        const auto& described = type.columns[column];
        read_.clear();
        if (described.type == nullptr) {
            const auto cell = trial_.as_in_keys(type, column, theirs, read_);
            return key_of_cell(cell) == key_of_cell(cell_of(before, described.wire));
        }
        auto& into = trial_.of(type);
        try {
            described.type->decode(theirs, described.at(into.object()));
        } catch (const conversion_error&) {
            return false;
        }
        encode_column(into, column, read_);
        return read_.encoded(0) == before;
    }

    bool compare(const planned_update& update, std::span<const cell_view> theirs, std::vector<stale_column>& out) {
        const auto& type = *update.type;
        bool differs = false;
        encoded_columns ours(update.row);
        encoded_columns before(update.before);
        for (std::size_t i = 0; i < type.columns.size(); ++i) {
            const auto column = ours.next();
            const auto read = before.next();
            if (!update.expected.test(i)) continue;
            parameters expected;
            add_expected(update, i, expected);
            auto held = text_of(theirs[i]);
            const auto was = text_of(expected[0]);
            const auto stored = cell_of(read, type.columns[i].wire);
            const bool has_text = held.has_value() || theirs[i].null;
            const bool is_lossy = was != text_of(stored);
            if (held == was && (has_text || theirs[i].bytes == expected[0].bytes)) continue;
            if (!is_lossy && is_as_before(type, i, read, theirs[i])) continue;
            differs = true;
            out.push_back({entity_base::share(update.object), std::string(type.columns[i].name),
                           text_of(cell_of(column, type.columns[i].wire)), std::move(held)});
        }
        return differs;
    }

    const flush_plan& plan_;
    trial_objects trial_{};
    parameters read_{};
};

/// Reads rows of one class; nothing where that fails.
io::op<std::optional<result>> read_rows(session_parts& parts, const class_descriptor& type,
                                        std::span<const key_value> keys) {
    auto wanted = select_by_keys(parts.engine->kind(), type, keys);
    result rows;
    batch_item item;
    item.sql = wanted.text;
    item.values = &wanted.values;
    item.rows = &rows;
    const auto items = std::span(&item, 1);
    parts.engine->before_batch(items);
    co_await parts.lent.core().run(items);
    if (item.error) co_return std::nullopt;
    co_return std::move(rows);
}

constexpr std::size_t looked_up_at_once = 500;

/// Looks at all rows that the plan expects something of: which of them are stale is added to the plan.
io::op<std::vector<stale_column>> look_up(session_parts& parts, flush_plan& plan) {
    std::vector<stale_column> found;
    if (!parts.lent || parts.tx.failed_level() != 0) co_return std::move(found);
    auto expected = rows_to_look_at(parts.tx, plan);
    if (expected.empty()) co_return std::move(found);
    co_await parts.lent.core().rollback();
    comparison compared(plan);
    std::vector<cell_view> cells;
    trial_objects trial;
    parameters rewritten;
    for (auto& [type, expected_of_type] : expected) {
        const auto keys = std::span(expected_of_type.keys);
        for (std::size_t first = 0; first < keys.size(); first += looked_up_at_once) {
            const auto rows =
                co_await read_rows(parts, *type, keys.subspan(first, std::min(looked_up_at_once, keys.size() - first)));
            if (!rows) co_return std::move(found);
            for (std::size_t i = 0; i < rows->size(); ++i) {
                read_cells((*rows)[i], cells);
                const auto held = cells;
                trial.make_keys_comparable(*type, cells, rewritten);
                const auto row = expected_of_type.by_key.find(key_in(*type, cells));
                if (row == expected_of_type.by_key.end()) continue;
                const bool differs = compared.look_at(row->second, held, found);
                row->second.is_stale = row->second.is_named || differs;
            }
        }
    }
    for (const auto& [type, expected_of_type] : expected) {
        for (const auto& key : expected_of_type.keys) {
            const auto& row = expected_of_type.by_key.at(key);
            if (row.is_stale && !row.is_named)
                (row.is_update ? plan.stale_updates : plan.stale_deletes).push_back(row.place);
        }
    }
    co_return std::move(found);
}

std::exception_ptr with_details(const transaction_state& tx, const std::exception_ptr& error,
                                const std::vector<stale_change>& changes, std::vector<stale_column> columns) {
    try {
        std::rethrow_exception(error);
    } catch (const stale_data& stale) {
        auto known = stale.known();
        known.objects.clear();
        for (const auto& change : changes)
            known.objects.push_back(change.object);
        known.columns = std::move(columns);
        known.transient = known.transient && was_read_in_this_try(tx, known.objects);
        return std::make_exception_ptr(stale_data(stale.what(), std::move(known)));
    } catch (...) {
        return error;
    }
}

} // namespace

bool was_read_in_this_try(const transaction_state& tx, const std::vector<entity_base>& objects) {
    return !objects.empty() && std::ranges::all_of(objects, [&tx](const entity_base& object) {
        return tx.is_own(object.state()->read_at) && !tx.foreign_write_since(object.state()->read_at);
    });
}

io::op<std::exception_ptr> tell_of_stale_rows(session_parts& parts, flush_plan& plan, std::exception_ptr error) {
    parts.stale = changes_of(parts.tx, plan);
    std::vector<stale_column> columns;
    try {
        columns = co_await look_up(parts, plan);
        parts.stale = changes_of(parts.tx, plan);
    } catch (...) {
        columns.clear(); // what was found first is what is reported
    }
    co_return with_details(parts.tx, error, parts.stale, std::move(columns));
}

} // namespace wharf::orm
