#include "connection/identifiers.hpp"

#include <algorithm>

namespace wharf {
namespace {

// Of the name in quotes at the front, with them; 0: there is none.
std::size_t quoted_size(std::string_view text) noexcept {
    if (!text.starts_with('"')) return 0;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] != '"') continue;
        if (at + 1 < text.size() && text[at + 1] == '"')
            ++at;
        else
            return at + 1;
    }
    return 0;
}

void append_part(std::string& out, std::string_view name) {
    if (!name.empty() && quoted_size(name) == name.size())
        out.append(name);
    else
        append_identifier(out, name);
}

} // namespace

void append_identifier(std::string& out, std::string_view name) {
    out.push_back('"');
    for (const char c : name) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    out.push_back('"');
}

void append_table(std::string& out, std::string_view table) {
    const auto quoted = quoted_size(table);
    const bool first_is_quoted = quoted != 0 && (quoted == table.size() || table[quoted] == '.');
    const auto end = first_is_quoted ? quoted : std::min(table.find('.'), table.size());
    append_part(out, table.substr(0, end));
    if (end == table.size()) return;
    out.push_back('.');
    append_part(out, table.substr(end + 1));
}

bool is_table_name(std::string_view text) noexcept {
    while (!text.empty()) {
        if (const auto quoted = quoted_size(text); quoted != 0) {
            text.remove_prefix(quoted);
            continue;
        }
        const char c = text.front();
        if (c == ' ' || (c >= '\t' && c <= '\r') || c == '(' || c == '"') return false;
        text.remove_prefix(1);
    }
    return true;
}

void append_identifiers(std::string& out, std::span<const std::string_view> names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i != 0) out.append(", ");
        append_identifier(out, names[i]);
    }
}

} // namespace wharf
