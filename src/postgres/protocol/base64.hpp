// Base 64 as SCRAM uses it: with padding, without line breaks. Source: RFC 4648, 4.
#pragma once

#include "postgres/protocol/bytes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::postgres::protocol {

[[nodiscard]] std::string encode_base64(bytes_view bytes);

/// Empty unless `text` is the canonical form of some bytes: nothing between or behind, unused bits zero.
[[nodiscard]] std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

} // namespace wharf::postgres::protocol
