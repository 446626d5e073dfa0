// Names and texts inside statements of the driver's own.
#pragma once

#include "connection/identifiers.hpp"

#include <string>
#include <string_view>

namespace wharf::sqlite {

/// "name"
[[nodiscard]] inline std::string quoted_name(std::string_view name) {
    std::string text;
    append_identifier(text, name);
    return text;
}

/// 'text'
[[nodiscard]] inline std::string quoted_text(std::string_view text) {
    std::string out("'");
    for (const char c : text)
        out.append(c == '\'' ? 2 : 1, c);
    return out.append("'");
}

} // namespace wharf::sqlite
