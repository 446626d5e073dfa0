#include "wharf/postgres/settings.hpp"

#include <arpa/inet.h>

#include <array>

namespace wharf::postgres {
namespace {

// "127.example.org" is a name like any other.
bool is_loopback(const std::string& host) noexcept {
    std::array<unsigned char, 4> ipv4{};
    if (::inet_pton(AF_INET, host.c_str(), ipv4.data()) == 1) return ipv4[0] == 127;
    return host == "localhost" || host == "::1";
}

} // namespace

bool server_address::is_local() const noexcept {
    if (is_unix_socket()) return true;
    const bool named = address.empty() || !(host.starts_with('/') || host.starts_with('@'));
    return (!named || is_loopback(host)) && (address.empty() || is_loopback(address));
}

ssl_mode settings::mode_for(const server_address& server) const noexcept {
    if (server.is_unix_socket()) return ssl_mode::disable;
    const bool names_authority =
        !root_certificate.empty() || !certificate_revocation_list.empty() || !certificate_revocation_directory.empty();
    if (!sslmode) {
        // As in libpq: any server can have a certificate of one of the system's authorities.
        if (!server.is_local() || root_certificate == "system") return ssl_mode::verify_full;
        return sslnegotiation == ssl_negotiation::direct ? ssl_mode::require : ssl_mode::prefer;
    }
    // As in libpq: whoever names a root certificate wants it to be used.
    if (*sslmode == ssl_mode::require && names_authority) return ssl_mode::verify_ca;
    return *sslmode;
}

} // namespace wharf::postgres
