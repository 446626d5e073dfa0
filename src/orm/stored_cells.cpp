#include "orm/stored_cells.hpp"

#include "wharf/row/bytes.hpp"
#include "wharf/row/type_name.hpp"
#include "wharf/row/user_types.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

bool is_integer(type_oid type) noexcept {
    return type == type_oid::int2 || type == type_oid::int4 || type == type_oid::int8;
}

bool is_float(type_oid type) noexcept {
    return type == type_oid::float4 || type == type_oid::float8;
}

/// Types whose values are text, of which a member of text gives back every byte.
bool is_text_type(const cell_view& cell) noexcept {
    switch (cell.type) {
    case type_oid::text:
    case type_oid::varchar:
    case type_oid::bpchar:
    case type_oid::name:
    case type_oid::character:
    case type_oid::json:
    case type_oid::jsonb:
    case type_oid::xml:
    case type_oid::unknown:
        return true;
    default:
        break;
    }
    if (cell.format == wire_format::text) return true;
    const auto* const known = cell.types == nullptr ? nullptr : cell.types->find(cell.type);
    return known != nullptr && (known->form == type_form::enumeration || known->form == type_form::text);
}

/// Whether all indexes of a binary array start at 1. Source: array_send() of PostgreSQL.
bool starts_at_one(std::string_view array) noexcept {
    constexpr std::size_t head = 12;      // dimensions, flags, element type
    constexpr std::size_t dimension = 8;  // size, lower bound
    constexpr std::size_t size_bytes = 4; // in front of the lower bound
    if (array.size() < head) return false;
    const auto dimensions = static_cast<std::size_t>(load<std::int32_t>(array.data()));
    if (array.size() < head + dimensions * dimension) return false;
    for (std::size_t i = 0; i < dimensions; ++i)
        if (load<std::int32_t>(array.data() + head + i * dimension + size_bytes) != 1) return false;
    return true;
}

} // namespace

std::vector<stored_cells::stored_cell>::const_iterator stored_cells::find(std::size_t column) const noexcept {
    return std::ranges::find(cells_, column, &stored_cell::column);
}

void stored_cells::forget(std::size_t column) noexcept {
    std::erase_if(cells_, [column](const stored_cell& cell) { return cell.column == column; });
}

void stored_cells::set(std::size_t column, const cell_view& cell) {
    forget(column);
    // The text of a type without a binary form is what the server reads again.
    const auto type = cell.format == wire_format::text ? type_oid::text : cell.type;
    cells_.push_back({column, type, std::string(cell.bytes)});
}

bool stored_cells::add_to(std::size_t column, parameters& out) const {
    const auto found = find(column);
    if (found == cells_.end()) return false;
    out.add_encoded(found->type, found->bytes);
    return true;
}

bool same_values(type_oid wire, const cell_view& cell) noexcept {
    if (wire == type_oid::text || wire == type_oid::jsonb) return is_text_type(cell);
    if (cell.format == wire_format::text) return false;
    if (is_integer(wire)) return is_integer(cell.type);
    if (is_float(wire)) return is_float(cell.type) || cell.type == type_oid::int8;
    // SQLite's blobs of numbers.
    if (wire == type_oid::float4_array || wire == type_oid::float8_array) {
        if (cell.type == type_oid::bytea) return true;
    }
    if (wire == type_oid::boolean && is_integer(cell.type)) return true;
    if (wire != cell.type) return false;
    return element_of(wire) == type_oid::unspecified || starts_at_one(cell.bytes);
}

bool gives_back(const column_descriptor& column, const cell_view& cell) noexcept {
    if (cell.null) return true;
    if (column.type != nullptr && !column.type->exact) return false;
    return same_values(column.wire, cell);
}

std::vector<std::size_t> columns_to_keep(const class_descriptor& type, const result_shape& shape) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < type.columns.size() && i < shape.columns.size(); ++i) {
        cell_view cell;
        cell.null = false;
        cell.type = shape.columns[i].type;
        cell.format = shape.columns[i].format;
        cell.types = shape.types.get();
        const bool array = element_of(cell.type) != type_oid::unspecified;
        // A cell of SQLite has a type of its own.
        if (shape.tagged || array || !gives_back(type.columns[i], cell)) columns.push_back(i);
    }
    return columns;
}

std::shared_ptr<const stored_cells> keep_cells(const class_descriptor& type, std::span<const cell_view> cells,
                                               std::span<const std::size_t> columns) {
    std::shared_ptr<stored_cells> kept;
    for (const auto column : columns) {
        if (gives_back(type.columns[column], cells[column])) continue;
        if (!kept) kept = std::make_shared<stored_cells>();
        kept->set(column, cells[column]);
    }
    return kept;
}

} // namespace wharf::orm
