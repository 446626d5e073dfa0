// Whose certificate it is.
#pragma once

#include <openssl/x509.h>

#include <string_view>

namespace wharf::io {

/// Whether `host` is an IP address as text, as opposed to a name.
[[nodiscard]] bool is_address(std::string_view host) noexcept;

/// Whether `certificate` was issued for `host`, a name or an IP address, by libpq's rules: one of its alternative names
/// is the host, or it has none of the host's kind and its common name is the host. "*." stands for one label, and only
/// in front of a name. Differences: "*." never stands for a part of an address, and alternative names that cannot be
/// read are no reason to look at the common name.
[[nodiscard]] bool is_certificate_of(const X509& certificate, std::string_view host) noexcept;

} // namespace wharf::io
