// From tls_options to what OpenSSL needs before a handshake.
#pragma once

#include "wharf/io/tls.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace wharf::io {

struct free_ssl {
    void operator()(SSL* ssl) const noexcept { ::SSL_free(ssl); }
    void operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }
};
using ssl_handle = std::unique_ptr<SSL, free_ssl>;
using context_handle = std::unique_ptr<SSL_CTX, free_ssl>;

/// What one handshake looks at and notes; OpenSSL's callbacks find it by the SSL.
struct tls_encounter {
    std::string host{};
    bool check_host{false};
    bool certificate_requested{false}; ///< the server has asked for the client's
};

/// Reads files, which may block. Throws configuration_error, std::bad_alloc.
[[nodiscard]] context_handle make_context(const tls_options& options);

/// A client that has not begun. `encounter` must outlive it. Throws configuration_error, std::bad_alloc.
[[nodiscard]] ssl_handle make_client(SSL_CTX& context, const tls_options& options, tls_encounter& encounter);

} // namespace wharf::io
