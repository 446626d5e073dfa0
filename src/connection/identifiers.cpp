#include "connection/identifiers.hpp"

namespace wharf {

void append_identifier(std::string& out, std::string_view name) {
    out.push_back('"');
    for (const char c : name) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    out.push_back('"');
}

void append_table(std::string& out, std::string_view table) {
    const auto dot = table.find('.');
    if (dot != std::string_view::npos) {
        append_identifier(out, table.substr(0, dot));
        out.push_back('.');
        table.remove_prefix(dot + 1);
    }
    append_identifier(out, table);
}

void append_identifiers(std::string& out, std::span<const std::string_view> names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i != 0) out.append(", ");
        append_identifier(out, names[i]);
    }
}

} // namespace wharf
