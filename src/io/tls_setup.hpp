// From tls_options to what OpenSSL needs before a handshake.
#pragma once

#include "wharf/io/tls.hpp"

#include <openssl/ssl.h>

#include <memory>

namespace wharf::io {

struct free_ssl {
    void operator()(SSL* ssl) const noexcept { ::SSL_free(ssl); }
};
using ssl_handle = std::unique_ptr<SSL, free_ssl>;

/// A client that has not begun. Throws configuration_error, std::bad_alloc.
[[nodiscard]] ssl_handle make_client(const tls_options& options);

} // namespace wharf::io
