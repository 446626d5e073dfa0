#include "wharf/io/peer.hpp"

#include "io/address.hpp"

#include <sys/socket.h>

namespace wharf::io {
namespace {

// The family is AF_UNSPEC where there is no connection.
address peer_of(stream& of) {
    address peer;
    peer.size = sizeof peer.bytes;
    if (::getpeername(of.handle().native(), reinterpret_cast<sockaddr*>(&peer.bytes), &peer.size) != 0) return {};
    return peer;
}

} // namespace

std::string peer_address(stream& of) {
    const address peer = peer_of(of);
    return peer.family() == AF_INET || peer.family() == AF_INET6 ? peer.text() : std::string();
}

std::optional<std::uint32_t> peer_user(stream& of) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (peer_of(of).family() != AF_UNIX ||
        ::getsockopt(of.handle().native(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return std::nullopt;
    return credentials.uid;
}

} // namespace wharf::io
