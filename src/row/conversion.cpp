#include "row/conversion.hpp"

#include "wharf/base/error.hpp"
#include "wharf/row/type_name.hpp"
#include "wharf/row/user_types.hpp"

#include <string>

namespace wharf::detail {

std::string type_name(const cell_view& cell) {
    const auto* known = cell.types == nullptr ? nullptr : cell.types->find(cell.type);
    return known == nullptr ? name_of(cell.type) : known->name;
}

std::string quoted_list(std::span<const std::string_view> names) {
    std::string text;
    for (const auto name : names) {
        if (!text.empty()) text += ", ";
        text += '"';
        text += name;
        text += '"';
    }
    return text;
}

void refuse_type(const cell_view& cell, std::string_view target) {
    throw conversion_error("a value of type " + type_name(cell) + " cannot be read as " + std::string(target));
}

void refuse_bytes(const cell_view& cell) {
    throw conversion_error("a value of type " + type_name(cell) + " is malformed (" +
                           std::to_string(cell.bytes.size()) + " bytes)");
}

void refuse_range(const cell_view& cell, std::string_view target) {
    throw conversion_error("a value of type " + type_name(cell) + " is not one that " + std::string(target) +
                           " can hold exactly");
}

void refuse_text(const cell_view& cell, std::string_view target) {
    throw conversion_error("a value of type " + type_name(cell) + " does not spell a " + std::string(target));
}

void refuse_infinity(const cell_view& cell) {
    throw conversion_error("a value of type " + type_name(cell) +
                           " is infinite; read it into wharf::unbounded<T> to accept that");
}

void refuse_encoding(std::string_view source, type_oid target) {
    throw conversion_error("a value of " + std::string(source) + " is out of range for type " + name_of(target));
}

bool is_sent_as_text(type_oid type) noexcept {
    switch (type) {
    case type_oid::text:
    case type_oid::varchar:
    case type_oid::bpchar:
    case type_oid::name:
    case type_oid::character:
    case type_oid::json:
    case type_oid::xml:
    case type_oid::unknown:
        return true;
    default:
        return false;
    }
}

std::string_view text_of(const cell_view& cell, std::string_view target) {
    if (is_text(cell)) return cell.bytes;
    if (cell.type == type_oid::jsonb) {
        // Version 1 is the only one there is: the text follows.
        if (cell.bytes.empty() || cell.bytes.front() != 1) refuse_bytes(cell);
        return cell.bytes.substr(1);
    }
    if (const auto* known = cell.types == nullptr ? nullptr : cell.types->find(cell.type)) {
        if (known->form == type_form::enumeration) return cell.bytes;
        if (known->form != type_form::ltree) refuse_type(cell, target);
        if (cell.bytes.empty() || cell.bytes.front() != 1) refuse_bytes(cell); // there is one version too
        return cell.bytes.substr(1);
    }
    // Enums and domains over text are sent as text; composites and other binary forms contain NUL, which text cannot.
    if (cell.type >= first_user_type && cell.bytes.find('\0') == std::string_view::npos) return cell.bytes;
    refuse_type(cell, target);
}

} // namespace wharf::detail
