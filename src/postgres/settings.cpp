#include "wharf/postgres/settings.hpp"

#include <arpa/inet.h>

#include <array>

namespace wharf::postgres {

bool server_address::is_local() const noexcept {
    if (is_unix_socket()) return true;
    const std::string& where = address.empty() ? host : address;
    // "127.example.org" is a name like any other.
    std::array<unsigned char, 4> ipv4{};
    if (::inet_pton(AF_INET, where.c_str(), ipv4.data()) == 1) return ipv4[0] == 127;
    return where == "localhost" || where == "::1";
}

ssl_mode settings::mode_for(const server_address& server) const noexcept {
    if (server.is_unix_socket()) return ssl_mode::disable;
    if (!sslmode) return server.is_local() ? ssl_mode::prefer : ssl_mode::verify_full;
    // As in libpq: whoever names a root certificate wants it to be used.
    if (*sslmode == ssl_mode::require && !root_certificate.empty()) return ssl_mode::verify_ca;
    return *sslmode;
}

} // namespace wharf::postgres
