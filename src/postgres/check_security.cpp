#include "postgres/check_security.hpp"
#include "postgres/protocol/authentication_policy.hpp"
#include "postgres/setting_values.hpp"
#include "wharf/base/error.hpp"

#include <string>

namespace wharf::postgres {

void check_security(const settings& where) {
    static_cast<void>(protocol::authentication_policy(where.require_auth));
    static_cast<void>(to_tls_version("ssl_min_protocol_version", where.minimum_tls_version));
    if (!where.maximum_tls_version.empty())
        static_cast<void>(to_tls_version("ssl_max_protocol_version", where.maximum_tls_version));
    if (!where.sslmode) return;
    // Both as in libpq: what looks safe must not be a matter of luck.
    if (where.root_certificate == "system" && *where.sslmode != ssl_mode::verify_full)
        throw configuration_error("sslrootcert=system needs sslmode=verify-full: any server can have a certificate of "
                                  "one of the system's authorities");
    if (where.sslnegotiation == ssl_negotiation::direct && *where.sslmode < ssl_mode::require)
        throw configuration_error("sslnegotiation=direct needs sslmode=require, verify-ca or verify-full");
}

} // namespace wharf::postgres
