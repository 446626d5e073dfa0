// TLS over a stream, with the server's certificate verified.
#pragma once

#include "wharf/io/stream.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace wharf::io {

/// What is asked of the server's certificate.
enum class tls_verification : std::uint8_t {
    none,        ///< nothing: whoever is in between can read and write everything
    certificate, ///< that it comes from a trusted authority, and is valid now
    full         ///< and that it is `host`'s
};

struct tls_options {
    tls_verification verify{tls_verification::full};
    std::string host{};        ///< a name (also sent to the server, as SNI) or an IP address
    std::string authorities{}; ///< a PEM file of trusted certificates; empty: the system's
    std::string certificate{}; ///< a PEM file with the client's certificate chain; empty: none
    std::string key{};         ///< a PEM file with its private key; empty: in the file of the certificate
};

/// Takes `over` over and encrypts it: TLS 1.2 or later, no renegotiation. Bytes that have arrived before are refused
/// (protocol_violation): they came in the clear. So a caller that read the server's consent must have read nothing
/// else. Throws authentication_failed where the certificate does not do, naming host and reason; connect_failed where
/// the handshake fails; configuration_error for files that cannot be read and verification `full` without a host;
/// timed_out; cancelled.
[[nodiscard]] op<std::unique_ptr<stream>> tls_handshake(std::unique_ptr<stream> over, tls_options options);

/// For channel binding (RFC 5929, tls-server-end-point): the hash of the server's certificate, as bytes. Empty where
/// `over` is not TLS, or the certificate's signature names no hash.
[[nodiscard]] std::string tls_server_end_point(const stream& over);

} // namespace wharf::io
