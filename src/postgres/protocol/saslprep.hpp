// Passwords as SCRAM compares them.
#pragma once

#include <string>
#include <string_view>

namespace wharf::postgres::protocol {

/// `password` after SASLprep (RFC 4013) as PostgreSQL does it: spaces of every kind become one kind, invisible
/// characters go, the rest is normalized to NFKC. What is no UTF-8, or has characters that are prohibited or unknown to
/// Unicode 3.2, or mixes directions of writing, is used as it is; so is ASCII. The checks come before the
/// normalization, as in PostgreSQL: the server has stored the password in this way.
[[nodiscard]] std::string saslprep(std::string_view password);

} // namespace wharf::postgres::protocol
