// The parts that database URLs are made of. Errors say what and where, never what was there: it may be a password.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf {
struct database_host;
}

namespace wharf::detail {

/// Throws configuration_error: the database URL has `what`, at the character behind `at` characters.
[[noreturn]] void refuse_url(std::string_view what, std::size_t at);

/// Resolves %XX. `at` is where `text` starts in the URL. Refuses %00 and what is not two hexadecimal digits.
[[nodiscard]] std::string percent_decode(std::string_view text, std::size_t at);

/// The opposite, for messages: everything that has a meaning in a URL or cannot be printed, but for `kept`.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view kept);

/// Splits at the separators; "" gives one empty part.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

using url_parameter = std::pair<std::string, std::string>;

/// What stands behind the "?": "a=b&c=d".
[[nodiscard]] std::vector<url_parameter> parse_url_parameters(std::string_view text, std::size_t at);

/// Hosts from libpq's lists, with one port for all or one each. Empty lists are not given. Throws configuration_error
/// where their lengths do not agree.
[[nodiscard]] std::vector<database_host> make_hosts(std::string_view names, std::string_view addresses,
                                                    std::string_view ports);

/// "1,,5432": each empty or a number from 1 to 65535. Throws configuration_error.
void check_ports(std::string_view ports);

} // namespace wharf::detail
