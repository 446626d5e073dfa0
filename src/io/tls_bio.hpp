// What OpenSSL reads from and writes to: a stream.
#pragma once

#include "wharf/io/stream.hpp"

#include <openssl/bio.h>

#include <memory>
#include <system_error>

namespace wharf::io {

/// The stream under a TLS stream, and how it ended. OpenSSL calls straight into it: no bytes are copied on the way, and
/// MSG_NOSIGNAL stays the stream's business.
struct tls_transport {
    std::unique_ptr<stream> under{};
    std::error_code error{};
    bool ended{false};
};

/// A BIO over `transport`, which must outlive it. Throws std::bad_alloc.
[[nodiscard]] BIO* make_stream_bio(tls_transport& transport);

} // namespace wharf::io
