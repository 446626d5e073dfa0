// What tells whether a document has changed.
#pragma once

#include "wharf/vector/document.hpp"

#include <string>
#include <string_view>

namespace wharf {

/// SHA-256 in hexadecimal, of title, content and metadata, each preceded by its length. JSON that differs in its
/// spelling only, as jsonb gives it back, has the same hash.
[[nodiscard]] std::string content_hash(std::string_view title, std::string_view content, std::string_view metadata);

} // namespace wharf
