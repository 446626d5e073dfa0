#include "orm/answers.hpp"

#include "orm/mirror.hpp"
#include "orm/stored_cells.hpp"
#include "orm/told_row.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wharf::orm {
namespace {

using answered_cells = std::vector<std::pair<std::size_t, cell_view>>;

const cell_view* find(const answered_cells& cells, std::size_t column) noexcept {
    const auto found = std::ranges::find(cells, column, &answered_cells::value_type::first);
    return found == cells.end() ? nullptr : &found->second;
}

/// What the database has as the key of a reference, now that it has answered.
key_value answered_key(const told_row& told, const relation_descriptor& relation, const reference_base& reference,
                       const answered_cells& cells) {
    const auto& type = *told.object().type;
    const auto size = relation.columns.size();
    const auto held = reference.foreign_key();
    parameters member;
    key_builder built(size);
    for (std::size_t part = 0; part < size; ++part) {
        const auto column = relation.columns[part];
        if (const auto* cell = find(cells, column)) {
            built.add(*cell);
        } else if (type.columns[column].type != nullptr) {
            member.clear();
            told.encode(column, member);
            built.add(member[0]);
        } else if (held.is_set()) {
            built.add(key_part(held, part, size, type.columns[column].wire));
        } else {
            built.add(cell_view());
        }
    }
    return built.finish();
}

/// References lead where the row does: a trigger or a default may have chosen another target, or none.
void follow_keys(const told_row& told, const answered_cells& cells) {
    auto& object = told.object();
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        const auto& relation = type.relations[i];
        const auto answered = [&](std::size_t column) { return find(cells, column) != nullptr; };
        if (relation.kind != relation_kind::belongs_to || std::ranges::none_of(relation.columns, answered)) continue;
        const auto& reference = reference_at(object, i);
        auto key = answered_key(told, relation, reference, cells);
        auto* const target = reference.target().state();
        const bool renamed = target != nullptr && key.is_set() && key_held(*target) == key;
        if (renamed || reference.foreign_key() == key) continue;
        unlink(reference); // it is linked with the others
        reference.set({}, std::move(key));
    }
}

} // namespace

object_state& trial_objects::of(const class_descriptor& type) {
    auto& object = objects_[&type];
    if (!object) object = entity_base::adopt(make_object(type));
    return *object.state();
}

std::exception_ptr trial_objects::try_answer(const class_descriptor& type, answered_row& answer) {
    auto& object = of(type);
    std::exception_ptr first;
    answer.for_each([&](std::size_t index, const cell_view& cell) {
        const auto& column = type.columns[index];
        if (column.type == nullptr || first) return;
        try {
            column.type->decode(cell, column.at(object.object()));
        } catch (const conversion_error& error) {
            first = std::make_exception_ptr(conversion_error("column \"" + std::string(column.name) + "\" of table " +
                                                             std::string(type.table) + ": " + error.what()));
        }
    });
    answer.unreadable = first != nullptr;
    return first;
}

void trial_objects::try_key(const class_descriptor& type, const key_value& key) {
    auto& object = of(type);
    object.key = key;
    try {
        write_key(object);
    } catch (const conversion_error& error) {
        throw conversion_error("the key of a row of table " + std::string(type.table) + ": " + error.what() +
                               ". Nothing was written");
    }
}

void trial_objects::try_version(const planned_update& update) {
    const auto& type = *update.type;
    if (type.version_column < 0 || update.changed.none()) return;
    const auto& column = type.columns[static_cast<std::size_t>(type.version_column)];
    encoded_columns before(update.before);
    for (int i = 0; i < type.version_column; ++i)
        static_cast<void>(before.next());
    const auto held = key_of_cell(cell_of(before.next(), column.wire)); // integers of any size are eight bytes there
    if (!held.is_set()) return;
    std::int64_t raised{};
    std::string bytes;
    if (!__builtin_add_overflow(load<std::int64_t>(held.bytes().data()), std::int64_t{update.earlier} + 1, &raised)) {
        append(bytes, raised);
        try {
            return column.type->decode({type_oid::int8, wire_format::binary, false, bytes},
                                       column.at(of(type).object()));
        } catch (const conversion_error&) {
            bytes.clear(); // refused below
        }
    }
    throw conversion_error("version " + std::string(column.name) + " of row " + describe_key(type, update.key) +
                           " of table " + std::string(type.table) +
                           " is the last that its member can hold; nothing was written");
}

cell_view trial_objects::as_in_keys(const class_descriptor& type, std::size_t column, const cell_view& cell,
                                    parameters& out) {
    const auto& described = type.columns[column];
    if (cell.null || same_values(described.wire, cell)) return cell;
    const class_descriptor* owner = &type;
    auto place = column;
    if (described.type == nullptr) { // the key that it refers to has the member
        const auto& relation = type.relations[static_cast<std::size_t>(described.relation)];
        owner = &target_of(relation);
        place = static_cast<std::size_t>(std::ranges::find(relation.columns, column) - relation.columns.begin());
    }
    const auto& member = owner->columns[place];
    if (member.type == nullptr) return cell;
    auto& object = of(*owner);
    member.type->decode(cell, member.at(object.object()));
    encode_column(object, place, out);
    return out[out.size() - 1];
}

void trial_objects::make_keys_comparable(const class_descriptor& type, std::vector<cell_view>& cells, parameters& out) {
    out.clear();
    const auto is_key = [](const column_descriptor& column) { return column.key || column.relation >= 0; };
    std::vector<std::pair<std::size_t, std::size_t>> written; // the column, and its place among `out`
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!is_key(type.columns[i])) continue;
        const auto before = out.size();
        try {
            static_cast<void>(as_in_keys(type, i, cells[i], out));
        } catch (const conversion_error& error) {
            refuse_cell(type, i, cells[i], std::span(cells).first(type.key_size), error);
        }
        if (out.size() != before) written.emplace_back(i, before);
    }
    for (const auto& [column, place] : written)
        cells[column] = out[place];
}

void take_answer(told_row& told, const answered_row& answer, const column_set& sent) {
    auto& object = told.object();
    const auto& type = *object.type;
    answered_cells cells;
    answer.for_each([&](std::size_t column, const cell_view& cell) {
        cells.emplace_back(column, cell);
        try {
            told.set(column, cell);
        } catch (const conversion_error&) {
            if (!answer.unreadable) throw;
        }
    });
    if (answer.unreadable) object.traps |= object_state::trap_read;
    if (!cells.empty()) follow_keys(told, cells);

    const bool keeps = std::ranges::any_of(
        cells, [&](const auto& answered) { return !gives_back(type.columns[answered.first], answered.second); });
    if (object.stored == nullptr && !keeps) return;
    auto stored = object.stored ? std::make_shared<stored_cells>(*object.stored) : std::make_shared<stored_cells>();
    for (std::size_t i = 0; i < type.columns.size(); ++i)
        if (sent.test(i)) stored->forget(i);
    for (const auto& [column, cell] : cells) {
        if (gives_back(type.columns[column], cell))
            stored->forget(column);
        else
            stored->set(column, cell);
    }
    object.stored = stored->empty() ? nullptr : std::move(stored);
}

} // namespace wharf::orm
