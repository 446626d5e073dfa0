// OpenSSL's error queue as std::error_code.
#pragma once

#include <string>
#include <system_error>

namespace wharf::io {

/// Empties the calling thread's queue and returns its oldest error; a general one where there was none.
[[nodiscard]] std::error_code take_tls_error() noexcept;

} // namespace wharf::io
