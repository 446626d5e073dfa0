#include "wharf/row/strings.hpp"

#include "row/cell_text.hpp"
#include "row/conversion.hpp"
#include "row/plain_numbers.hpp"
#include "wharf/row/json.hpp"
#include "wharf/row/type_name.hpp"
#include "wharf/row/user_types.hpp"

#include <charconv>

namespace wharf {
namespace {

std::span<const std::byte> bytes_of(const cell_view& cell, std::string_view target) {
    if (cell.type != type_oid::bytea || cell.format != wire_format::binary) detail::refuse_type(cell, target);
    return {reinterpret_cast<const std::byte*>(cell.bytes.data()), cell.bytes.size()};
}

/// Types that have a C++ type of their own, which a program that reads text most likely wanted instead.
bool has_plain_type(type_oid type) noexcept {
    if (detail::is_plain_number(type)) return true;
    switch (type) {
    case type_oid::bytea:
    case type_oid::date:
    case type_oid::timestamp:
    case type_oid::timestamptz:
        return true;
    default:
        return type != type_oid::int2vector && type != type_oid::oidvector && element_of(type) != type_oid::unspecified;
    }
}

/// Composites and what is made of them: they come as text where wharf does not read one of their members.
bool is_composed(const cell_view& cell) noexcept {
    if (cell.type == type_oid::record || cell.type == type_oid::record_array) return true;
    const auto* const known = cell.types == nullptr ? nullptr : cell.types->find(cell.type);
    if (known == nullptr) return false;
    const auto* const element = cell.types->find(cell.types->read_as(known->element));
    const bool holds_composites = element != nullptr && element->form == type_form::composite;
    return known->form == type_form::composite || known->form == type_form::range ||
           known->form == type_form::multirange || (known->form == type_form::array && holds_composites);
}

/// What bytea_output=escape writes: a backslash is doubled, or begins three octal digits. False where it is no such
/// thing.
bool parse_escaped(std::string_view text, std::vector<std::byte>& out) {
    out.clear();
    while (!text.empty()) {
        unsigned value = static_cast<unsigned char>(text.front());
        std::size_t size = 1;
        if (text.starts_with("\\\\")) {
            size = 2;
        } else if (value == '\\') {
            constexpr std::size_t octal = 4;
            if (text.size() < octal) return false;
            const char* const end = text.data() + octal;
            const auto [at, problem] = std::from_chars(text.data() + 1, end, value, 8);
            if (problem != std::errc() || at != end || value > 0xff) return false;
            size = octal;
        }
        out.push_back(static_cast<std::byte>(value));
        text.remove_prefix(size);
    }
    return true;
}

/// The bytes that "\\x00ff" stands for; false where the text is no such thing.
bool parse_hex(std::string_view text, std::vector<std::byte>& out) {
    if (text.size() % 2 != 0) return false;
    text.remove_prefix(2);
    out.resize(text.size() / 2);
    for (std::size_t at = 0; at < out.size(); ++at) {
        unsigned value = 0;
        const char* digits = text.data() + 2 * at;
        if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return false;
        out[at] = static_cast<std::byte>(value);
    }
    return true;
}

} // namespace

void codec<std::string>::decode(const cell_view& cell, std::string& out) {
    if (detail::is_text(cell)) return void(out.assign(cell.bytes));
    const bool spelled = cell.affinity_made || !has_plain_type(cell.type);
    const bool of_postgres = cell.type < detail::first_user_type && cell.type != type_oid::jsonb && spelled;
    if (of_postgres || is_composed(cell)) {
        out.clear();
        if (detail::append_text(cell, out)) return;
    }
    out.assign(detail::text_of(cell, "std::string"));
}

void codec<char>::decode(const cell_view& cell, char& out) {
    const auto text = detail::text_of(cell, "char");
    if (text.size() != 1) detail::refuse_range(cell, "char");
    out = text.front();
}

void codec<std::string_view>::decode(const cell_view& cell, std::string_view& out) {
    out = detail::text_of(cell, "std::string_view");
}

void codec<std::vector<std::byte>>::encode(const std::vector<std::byte>& value, std::string& out) {
    codec<std::span<const std::byte>>::encode(value, out);
}

void codec<std::vector<std::byte>>::decode(const cell_view& cell, std::vector<std::byte>& out) {
    if (cell.format == wire_format::text && (cell.type == type_oid::bytea || cell.type == type_oid::text)) {
        const bool hex = cell.bytes.starts_with("\\x"); // with which the other form never begins
        const bool done =
            hex ? parse_hex(cell.bytes, out) : cell.type == type_oid::bytea && parse_escaped(cell.bytes, out);
        if (!done) detail::refuse_text(cell, "std::vector<std::byte>");
        return;
    }
    const auto bytes = bytes_of(cell, "std::vector<std::byte>");
    out.assign(bytes.begin(), bytes.end());
}

void codec<std::span<const std::byte>>::decode(const cell_view& cell, std::span<const std::byte>& out) {
    out = bytes_of(cell, "std::span<const std::byte>");
}

void codec<std::span<const std::byte>>::encode(const std::span<const std::byte>& value, std::string& out) {
    out.append(reinterpret_cast<const char*>(value.data()), value.size());
}

void codec<json>::encode(const json& value, std::string& out) {
    out.push_back('\1');
    out.append(value.text_);
}

void codec<json>::decode(const cell_view& cell, json& out) {
    if (cell.affinity_made) return codec<std::string>::decode(cell, out.text_);
    out.text_.assign(detail::text_of(cell, "wharf::json"));
}

} // namespace wharf
