#include "wharf/row/strings.hpp"

#include "row/conversion.hpp"
#include "row/numeric.hpp"
#include "wharf/row/json.hpp"

#include <cstring>

namespace wharf {

void codec<std::string>::decode(const cell_view& cell, std::string& out) {
    if (cell.type == type_oid::numeric && cell.format == wire_format::binary) {
        out = detail::numeric_text(cell);
        return;
    }
    out.assign(detail::text_of(cell, "std::string"));
}

void codec<std::string_view>::decode(const cell_view& cell, std::string_view& out) {
    out = detail::text_of(cell, "std::string_view");
}

void codec<std::vector<std::byte>>::encode(const std::vector<std::byte>& value, std::string& out) {
    codec<std::span<const std::byte>>::encode(value, out);
}

void codec<std::vector<std::byte>>::decode(const cell_view& cell, std::vector<std::byte>& out) {
    if (cell.type != type_oid::bytea || cell.format != wire_format::binary)
        detail::refuse_type(cell, "std::vector<std::byte>");
    out.resize(cell.bytes.size());
    if (!out.empty()) std::memcpy(out.data(), cell.bytes.data(), out.size());
}

void codec<std::span<const std::byte>>::encode(const std::span<const std::byte>& value, std::string& out) {
    out.append(reinterpret_cast<const char*>(value.data()), value.size());
}

void codec<json>::encode(const json& value, std::string& out) {
    out.push_back('\1');
    out.append(value.text_);
}

void codec<json>::decode(const cell_view& cell, json& out) {
    out.text_.assign(detail::text_of(cell, "wharf::json"));
}

} // namespace wharf
