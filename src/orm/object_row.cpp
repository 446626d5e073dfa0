#include "orm/object_row.hpp"

#include "row/conversion.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/type_name.hpp"

#include <algorithm>
#include <string>

namespace wharf::orm {
namespace {

parameters& cleared_scratch() {
    thread_local parameters scratch;
    scratch.clear();
    return scratch;
}

std::size_t place_in_key(const relation_descriptor& relation, std::size_t column) noexcept {
    const auto found = std::find(relation.columns.begin(), relation.columns.end(), column);
    return static_cast<std::size_t>(found - relation.columns.begin());
}

template <class CellAt>
key_value build_key(std::span<const std::size_t> columns, CellAt cell_at) {
    if (columns.size() == 1) return key_of_cell(cell_at(columns.front()));
    key_builder built(columns.size());
    for (const auto column : columns)
        built.add(cell_at(column));
    return built.finish();
}

template <class CellAt>
void read_columns(object_state& object, CellAt cell_at) {
    const auto& type = *object.type;
    std::size_t i = 0;
    try {
        for (; i < type.columns.size(); ++i) {
            const auto& column = type.columns[i];
            if (column.type != nullptr) column.type->decode(cell_at(i), column.at(object.object()));
        }
    } catch (const conversion_error& error) {
        std::vector<cell_view> key;
        for (std::size_t part = 0; part < type.key_size; ++part)
            key.push_back(cell_at(part));
        refuse_cell(type, i, cell_at(i), key, error);
    }
}

} // namespace

reference_base& reference_at(object_state& object, std::size_t relation) noexcept {
    return static_cast<reference_base&>(*object.type->relations[relation].at(object.object()));
}

collection_base& collection_at(object_state& object, std::size_t relation) noexcept {
    return static_cast<collection_base&>(*object.type->relations[relation].at(object.object()));
}

void read_cells(row_view row, std::vector<cell_view>& out) {
    out.resize(row.size());
    for (auto& cell : out)
        cell = row.next();
}

void refuse_cell(const class_descriptor& type, std::size_t column, const cell_view& cell,
                 std::span<const cell_view> key, const conversion_error& why) {
    const auto& described = type.columns[column];
    std::string row;
    for (const auto& part : key)
        row += (row.empty() ? "" : ", ") + describe_value(part);
    if (key.size() > 1) row = "(" + row + ")";
    const bool has_type = cell.type != type_oid::unspecified; // a NULL of SQLite has none
    throw conversion_error("column \"" + std::string(described.name) + "\" (" +
                           (has_type ? wharf::detail::type_name(cell) : name_of(described.wire)) + ") of row " + row +
                           " of table " + std::string(type.table) + ": " + why.what());
}

key_value key_in(const class_descriptor& type, std::span<const cell_view> cells) {
    if (type.key_size == 1) return key_of_cell(cells[0]);
    key_builder built(type.key_size);
    for (std::size_t i = 0; i < type.key_size; ++i)
        built.add(cells[i]);
    return built.finish();
}

key_value key_held(object_state& object) {
    const auto& type = *object.type;
    const bool has_row = object.status != object_status::transient && object.status != object_status::pending;
    auto& scratch = cleared_scratch();
    key_builder built(type.key_size);
    for (std::size_t i = 0; i < type.key_size; ++i) {
        const auto& column = type.columns[i];
        if (!has_row && column.generated && column.type != nullptr &&
            column.type->is_default(column.at(object.object()))) {
            return {};
        }
        encode_column(object, i, scratch);
        built.add(scratch[i]);
    }
    return built.finish();
}

void write_key(object_state& object) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.key_size; ++i) {
        const auto& column = type.columns[i];
        if (column.type == nullptr) continue;
        column.type->decode(key_part(object.key, i, type.key_size, column.wire), column.at(object.object()));
    }
}

key_value reference_key_of(const relation_descriptor& relation, std::span<const cell_view> cells) {
    return build_key(relation.columns, [&](std::size_t column) { return cells[column]; });
}

void read_object(object_state& object, std::span<const cell_view> cells) {
    read_columns(object, [&](std::size_t i) { return cells[i]; });
    const auto& relations = object.type->relations;
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind != relation_kind::belongs_to) continue;
        auto key = reference_key_of(relations[i], cells);
        auto& reference = reference_at(object, i);
        if (!(reference.foreign_key() == key) || (reference.target() && !key.is_set())) {
            reference.change({}, std::move(key));
        }
    }
}

void encode_column(object_state& object, std::size_t index, parameters& out) {
    const auto& column = object.type->columns[index];
    if (column.type != nullptr) {
        const auto* const value = column.at(object.object());
        if (column.type->is_unset != nullptr && column.type->is_unset(value)) return out.add_unset(column.wire);
        return column.type->encode(value, out);
    }
    const auto relation = static_cast<std::size_t>(column.relation);
    const auto& description = object.type->relations[relation];
    add_key_part(reference_at(object, relation).foreign_key(), place_in_key(description, index),
                 description.columns.size(), column.wire, out);
}

encoded_row encode_object(object_state& object) {
    auto& scratch = cleared_scratch();
    for (std::size_t i = 0; i < object.type->columns.size(); ++i)
        encode_column(object, i, scratch);
    return encoded_row(scratch.encoded());
}

encoded_row default_row(const class_descriptor& type) {
    const auto fresh = entity_base::adopt(make_object(type));
    return encode_object(*fresh.state());
}

void start_watching_alone(object_state& object) {
    if (object.watch == nullptr) {
        auto record = std::make_unique<watch_record>();
        record->baseline = encode_object(object);
        object.watch = std::move(record);
    }
    object.traps &= static_cast<std::uint8_t>(~object_state::trap_write);
}

std::string_view encoded_columns::next() noexcept {
    const auto length = load<std::int32_t>(at_);
    const auto size = sizeof length + static_cast<std::size_t>(std::max(length, 0));
    const std::string_view column(at_, size);
    at_ += size;
    return column;
}

cell_view cell_of(std::string_view encoded_column, type_oid type) noexcept {
    cell_view cell;
    cell.type = type;
    cell.null = load<std::int32_t>(encoded_column.data()) < 0;
    cell.bytes = encoded_column.substr(sizeof(std::int32_t));
    return cell;
}

void split_row(std::string_view row, std::size_t columns, std::vector<std::string_view>& out) {
    out.resize(columns);
    encoded_columns walk(row);
    for (auto& column : out)
        column = walk.next();
}

key_value reference_key_in(const class_descriptor& type, const relation_descriptor& relation,
                           std::span<const std::string_view> columns) {
    return build_key(relation.columns,
                     [&](std::size_t column) { return cell_of(columns[column], type.columns[column].wire); });
}

void restore_columns(object_state& object, std::string_view row) {
    const auto& type = *object.type;
    encoded_columns columns(row);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto value = columns.next();
        if (type.columns[i].type != nullptr) restore_column(object, i, value);
    }
}

void restore_object(object_state& object, std::string_view row) {
    const auto& type = *object.type;
    std::vector<std::string_view> columns;
    split_row(row, type.columns.size(), columns);
    restore_columns(object, row);
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind != relation_kind::belongs_to) continue;
        auto key = reference_key_in(type, type.relations[i], columns);
        auto& reference = reference_at(object, i);
        if (!(reference.foreign_key() == key) || (reference.target() && !key.is_set())) {
            reference.change({}, std::move(key));
        }
    }
}

void restore_column(object_state& object, std::size_t index, std::string_view encoded_column) {
    const auto& column = object.type->columns[index];
    auto* const value = column.at(object.object());
    if (column.type->make_unset != nullptr && load<std::int32_t>(encoded_column.data()) == parameters::unset) {
        column.type->make_unset(value);
    } else {
        column.type->decode(cell_of(encoded_column, column.wire), value);
    }
}

} // namespace wharf::orm
