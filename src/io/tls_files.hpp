// The files that a TLS client uses: whom it trusts, and its own certificate and key.
#pragma once

#include "wharf/io/tls.hpp"

#include <openssl/ssl.h>

namespace wharf::io {

/// Authorities and revocation lists. Throws configuration_error, which names the file.
void trust(SSL_CTX& context, const tls_options& options);

/// The client's certificate and key, where `options` names one. Throws configuration_error, which names the file.
/// Never asks anybody for the password of a key.
void identify(SSL_CTX& context, const tls_options& options);

} // namespace wharf::io
