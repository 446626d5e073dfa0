// Values of connection settings, from text. All throw configuration_error, which names the setting and what it can be;
// the value is not in the message.
#pragma once

#include "wharf/postgres/settings.hpp"

#include <string>
#include <string_view>

namespace wharf::postgres {

[[nodiscard]] ssl_mode to_ssl_mode(std::string_view text);
[[nodiscard]] ssl_negotiation to_ssl_negotiation(std::string_view text);
[[nodiscard]] channel_binding_mode to_channel_binding(std::string_view text);
[[nodiscard]] ssl_certificate_mode to_certificate_mode(std::string_view text);
[[nodiscard]] wharf::cancellation to_cancellation(std::string_view text);
/// "3.0", "3.2" or "latest". `name`: which of the two settings it is.
[[nodiscard]] protocol_version to_protocol_version(std::string_view name, std::string_view text);
/// "TLSv1.2" or "TLSv1.3" in any case, given back as written there; older versions are refused.
[[nodiscard]] std::string to_tls_version(std::string_view name, std::string_view text);
/// "0" or "1".
[[nodiscard]] bool to_flag(std::string_view name, std::string_view text);
[[nodiscard]] session_target to_session_target(std::string_view text);
[[nodiscard]] host_order to_host_order(std::string_view text);
/// A whole number, as libpq reads it: spaces around it are allowed.
[[nodiscard]] int to_number(std::string_view name, std::string_view text);
/// Methods separated by commas, all with "!" in front or none, none twice, as libpq.
[[nodiscard]] std::string to_required_authentication(std::string_view text);

} // namespace wharf::postgres
