#include "wharf/row/type_name.hpp"

#include <string_view>

namespace wharf {

std::string_view sql_name_of(type_oid type) noexcept {
    for (const auto& known : detail::type_table) {
        constexpr std::size_t brackets = 2;
        if (known.array == type) return known.array_name;
        if (known.type == type) return known.array_name.substr(0, known.array_name.size() - brackets);
    }
    return {};
}

std::string name_of(type_oid type) {
    if (type == type_oid::unspecified) return "unspecified type";
    if (type == type_oid::unknown) return "unknown";
    if (const auto name = sql_name_of(type); !name.empty()) return std::string(name);
    return "type " + std::to_string(static_cast<std::uint32_t>(type));
}

} // namespace wharf
