// Socket addresses and how to find them.
#pragma once

#include "wharf/io/op.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace wharf::io {

struct address {
    sockaddr_storage bytes{};
    socklen_t size{0};

    [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&bytes); }
    [[nodiscard]] int family() const noexcept { return bytes.ss_family; }
    /// The numeric form, without the port.
    [[nodiscard]] std::string text() const;
};

/// The TCP addresses of `host`, at least one; names are resolved off this thread. Throws connect_failed.
[[nodiscard]] op<std::vector<address>> resolve(std::string host, std::uint16_t port);

/// Another order, as `seed` decides.
void shuffle(std::vector<address>& addresses, std::uint64_t seed);

/// The address of a Unix-domain socket; a leading '@' means the abstract namespace. Throws configuration_error.
[[nodiscard]] address local_address(const std::string& path);

} // namespace wharf::io
