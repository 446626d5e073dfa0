// The answer to a request for an MD5 password.
#pragma once

#include "postgres/protocol/bytes.hpp"

#include <string>
#include <string_view>

namespace wharf::postgres::protocol {

/// "md5" and the hash of the salt and of the hash of password and user, in hexadecimal digits. Throws
/// authentication_failed where OpenSSL has no MD5 (FIPS).
/// Source: PostgreSQL documentation, 55.2.1, AuthenticationMD5Password.
[[nodiscard]] std::string md5_answer(std::string_view password, std::string_view user, bytes_view salt);

} // namespace wharf::postgres::protocol
