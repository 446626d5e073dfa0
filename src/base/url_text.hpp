// The parts that database URLs are made of. Errors say what and where, never what was there: it may be a password.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wharf {
struct database_host;
}

namespace wharf::detail {

/// Throws configuration_error: `what`, at the character behind `at` characters.
[[noreturn]] void refuse_url(std::string_view what, std::size_t at);

/// Resolves %XX. `at` is where `text` starts in the URL. Refuses %00 and what is not two hexadecimal digits.
[[nodiscard]] std::string percent_decode(std::string_view text, std::size_t at);

/// The opposite, for messages: everything that has a meaning in a URL or cannot be printed.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view kept);

/// 1 to 65535; 0 for empty text.
[[nodiscard]] std::uint16_t parse_port(std::string_view text, std::size_t at);

/// "host:port,[::1]:port,...".
[[nodiscard]] std::vector<database_host> parse_hosts(std::string_view text, std::size_t at);

/// Splits at commas; "" gives one empty part.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

} // namespace wharf::detail
