#include "sqlite/value_list.hpp"

#include "row/json_array.hpp"
#include "sqlite/stored_value.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>
#include <utility>

namespace wharf::sqlite {
namespace {

/// How an element is written, and what turns it back.
enum class form : std::uint8_t { plain, bits, blob, text_with_nul };

form form_of(std::span<const stored_value> values) {
    form found = form::plain;
    for (const auto& value : values) {
        if (value.kind == storage::real) return form::bits;
        if (value.kind == storage::blob) return form::blob;
        if (value.kind == storage::text && value.bytes().find('\0') != std::string_view::npos)
            found = form::text_with_nul;
    }
    return found;
}

std::string decoding(form how, std::string element) {
    switch (how) {
    case form::plain:
        return element;
    case form::bits:
        return "wharf_real(" + element + ")";
    case form::blob:
        return "wharf_blob(" + element + ")";
    case form::text_with_nul:
        return "CAST(wharf_blob(" + element + ") AS TEXT)";
    }
    return element;
}

void append_hex(std::string& json, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    json += '"';
    for (const char byte : bytes) {
        const auto code = static_cast<unsigned char>(byte);
        json += digits[code >> 4U];
        json += digits[code & 15U];
    }
    json += '"';
}

void append_element(std::string& json, const stored_value& value, form how) {
    switch (value.kind) {
    case storage::null:
        json += "null";
        return;
    case storage::integer:
        json += std::to_string(value.integer);
        return;
    case storage::real:
        json += std::to_string(std::bit_cast<std::int64_t>(value.real));
        return;
    case storage::blob:
        return append_hex(json, value.bytes());
    case storage::text:
        if (how == form::text_with_nul) return append_hex(json, value.bytes());
        detail::append_json_string(json, value.bytes());
        return;
    }
}

} // namespace

value_list list_of(std::span<const parameters> columns) {
    value_list made;
    std::vector<std::vector<stored_value>> values(columns.size());
    std::vector<form> forms;
    for (std::size_t column = 0; column < columns.size(); ++column) {
        for (std::size_t row = 0; row < columns[column].size(); ++row)
            values[column].push_back(stored(columns[column][row]));
        forms.push_back(form_of(values[column]));
        auto element = columns.size() == 1 ? "value" : "json_extract(value, '$[" + std::to_string(column) + "]')";
        made.elements.push_back(decoding(forms.back(), std::move(element)));
    }
    made.json = "[";
    const bool single = columns.size() == 1;
    for (std::size_t row = 0; row < columns.front().size(); ++row) {
        if (row > 0) made.json += ',';
        if (!single) made.json += '[';
        for (std::size_t column = 0; column < columns.size(); ++column) {
            if (column > 0) made.json += ',';
            append_element(made.json, values[column][row], forms[column]);
        }
        if (!single) made.json += ']';
    }
    made.json += ']';
    return made;
}

} // namespace wharf::sqlite
