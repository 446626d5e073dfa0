// Who runs the server on a Unix socket, as libpq's requirepeer.
#include "postgres/connect.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/peer.hpp"

#include <pwd.h>

#include <array>

namespace wharf::postgres {

void require_peer(const settings& where, io::stream& socket) {
    if (where.required_peer.empty()) return;
    const auto user = io::peer_user(socket);
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* known = nullptr;
    if (user) static_cast<void>(::getpwuid_r(*user, &entry, buffer.data(), buffer.size(), &known));
    if (known != nullptr && where.required_peer == known->pw_name) return;
    throw authentication_failed(
        "the server at " + std::string(socket.peer()) + " is run by " +
        (known != nullptr ? "the user \"" + std::string(known->pw_name) + '"' : "a user without a name") +
        "; requirepeer asks for another");
}

} // namespace wharf::postgres
