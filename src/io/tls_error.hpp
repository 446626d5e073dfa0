// OpenSSL's error queue as std::error_code.
#pragma once

#include <string>
#include <system_error>

namespace wharf::io {

/// Empties the calling thread's queue and returns its oldest error; a general one where there was none.
[[nodiscard]] std::error_code take_tls_error() noexcept;
/// OpenSSL's reason (SSL_R_...) of such an error; 0: it is none of TLS.
[[nodiscard]] int tls_reason(const std::error_code& error) noexcept;

} // namespace wharf::io
