#include "wharf/postgres/settings.hpp"

namespace wharf::postgres {

bool server_address::is_local() const noexcept {
    return is_unix_socket() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

ssl_mode settings::mode_for(const server_address& server) const noexcept {
    if (server.is_unix_socket()) return ssl_mode::disable;
    if (!sslmode) return server.is_local() ? ssl_mode::prefer : ssl_mode::verify_full;
    // As in libpq: whoever names a root certificate wants it to be used.
    if (*sslmode == ssl_mode::require && !root_certificate.empty()) return ssl_mode::verify_ca;
    return *sslmode;
}

} // namespace wharf::postgres
