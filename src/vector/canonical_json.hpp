// JSON in one spelling, whoever wrote it: jsonb gives back another one than it was given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wharf {

/// Without white space, keys in the order of their bytes, the last of equal keys, numbers as jsonb writes them, no more
/// escapes than needed. Nothing where the text is no JSON, or deeper than 256 levels.
[[nodiscard]] std::optional<std::string> canonical_json(std::string_view text);

} // namespace wharf
