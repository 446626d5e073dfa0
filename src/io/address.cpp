#include "io/address.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <netdb.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <random>
#include <system_error>
#include <utility>

namespace wharf::io {
namespace {

struct lookup {
    int code{0};
    int system_error{0};
    std::vector<address> found{};
};

lookup look_up(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | flags;
    addrinfo* list = nullptr;
    lookup result;
    result.code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    result.system_error = errno;
    if (result.code != 0) return result;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
    for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
        auto& one = result.found.emplace_back();
        std::memcpy(&one.bytes, entry->ai_addr, entry->ai_addrlen);
        one.size = entry->ai_addrlen;
    }
    return result;
}

} // namespace

std::string address::text() const {
    std::array<char, NI_MAXHOST> host{};
    if (::getnameinfo(get(), size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "?";
    return host.data();
}

op<std::vector<address>> resolve(std::string host, std::uint16_t port) {
    // getaddrinfo reads C strings: a NUL would make it look up another name than the one that TLS verifies.
    if (host.find('\0') != std::string::npos) throw configuration_error("a host name contains a NUL character");
    auto numeric = look_up(host, port, AI_NUMERICHOST);
    if (numeric.code == 0) co_return std::move(numeric.found);
    auto blocking_lookup = [host, port] { return look_up(host, port, AI_ADDRCONFIG); };
    auto named = co_await offload(std::move(blocking_lookup));
    if (named.code != 0) {
        const std::string reason = named.code == EAI_SYSTEM ? std::generic_category().message(named.system_error)
                                                            : std::string(::gai_strerror(named.code));
        throw connect_failed("could not resolve the host name \"" + host + "\": " + reason);
    }
    co_return std::move(named.found);
}

void shuffle(std::vector<address>& addresses, std::uint64_t seed) {
    std::ranges::shuffle(addresses, std::mt19937_64(seed));
}

address local_address(const std::string& path) {
    sockaddr_un named{};
    named.sun_family = AF_UNIX;
    const bool abstract = path.starts_with('@');
    // An abstract name has no terminator; a path has one, for those who read it as a C string.
    const std::size_t room = sizeof named.sun_path - (abstract ? 0 : 1);
    if (path.empty() || path.size() > room)
        throw configuration_error("the Unix-domain socket path \"" + path + "\" must have 1 to " +
                                  std::to_string(room) + " bytes");
    if (path.find('\0') != std::string::npos)
        throw configuration_error("a Unix-domain socket path contains a NUL character");
    std::memcpy(named.sun_path, path.data(), path.size());
    if (abstract) named.sun_path[0] = '\0';
    address result;
    std::memcpy(&result.bytes, &named, sizeof named);
    result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
    return result;
}

} // namespace wharf::io
