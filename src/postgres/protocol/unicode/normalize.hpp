// Unicode's normalization form KC.
#pragma once

#include <string>

namespace wharf::postgres::protocol::unicode {

/// `text` in NFKC, as far as its characters are those of Unicode 3.2. Source: Unicode Standard Annex 15.
[[nodiscard]] std::u32string normalize_nfkc(const std::u32string& text);

} // namespace wharf::postgres::protocol::unicode
