// Text that every database stores: what one of them would refuse is refused before anything is sent.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wharf {

/// Where the first byte is that does not belong to a character of UTF-8, as PostgreSQL has it; npos: nowhere.
[[nodiscard]] std::size_t find_bad_utf8(std::string_view text) noexcept;

/// Throws usage_error for text with a NUL and for bytes that are not UTF-8. `what` begins the sentence.
void require_text(std::string_view text, std::string_view what);

/// Appends it in quotes, as JSON. Throws usage_error, as require_text().
void append_json_text(std::string& out, std::string_view text);

} // namespace wharf
