// Pieces of messages.
#pragma once

#include "wharf/base/time.hpp"

#include <string>
#include <string_view>

namespace wharf::detail {

/// `50 ms`, `2.5 s`.
[[nodiscard]] std::string in_words(duration span);
/// A statement, shortened.
[[nodiscard]] std::string start_of(std::string_view text);

} // namespace wharf::detail
