// The password file as a part of login.
#pragma once

#include "postgres/protocol/login.hpp"
#include "wharf/io/op.hpp"
#include "wharf/postgres/settings.hpp"

#include <string>

namespace wharf::postgres {

/// Where `options` have no password, takes the one that the password file has for this server; the file is read where
/// blocking is allowed. What it answers belongs into the message of a login that is refused; it may be empty.
[[nodiscard]] io::op<std::string> add_file_password(protocol::login_options& options, const settings& where,
                                                    const server_address& server);

} // namespace wharf::postgres
