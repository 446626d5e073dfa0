// TLS over a stream, with the server's certificate verified.
#pragma once

#include "wharf/io/stream.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace wharf::io {

/// What is asked of the server's certificate.
enum class tls_verification : std::uint8_t {
    none,        ///< nothing: whoever is in between can read and write everything
    certificate, ///< that it comes from a trusted authority, and is valid now
    full         ///< and that it is `host`'s
};

enum class tls_version : std::uint8_t { v1_2, v1_3 };

struct tls_options {
    tls_verification verify{tls_verification::full};
    std::string host{};                 ///< a name or an IP address
    bool send_host{true};               ///< tell the server a name, in the clear (SNI)
    std::string authorities{};          ///< a PEM file of trusted certificates; empty: the system's
    std::string revocations{};          ///< a PEM file of revocation lists, one for each authority of the chain
    std::string revocation_directory{}; ///< the same in a directory, hashed as by `openssl rehash`
    std::string certificate{};          ///< a PEM file with the client's certificate chain; empty: none
    std::string key{};                  ///< a file with its private key, PEM or DER; empty: in that of the certificate
    std::optional<std::string> key_password{}; ///< for a key that is encrypted
    bool certificate_required{false};          ///< refuse a server that does not ask for the client's certificate
    tls_version minimum_version{tls_version::v1_2};
    tls_version maximum_version{tls_version::v1_3};
    std::string protocol{};        ///< offered to the server (ALPN); empty: none
    bool protocol_required{false}; ///< refuse a server that does not speak it
};

/// Takes `over` over and encrypts it: no renegotiation, no compression. Bytes that have arrived before are refused
/// (protocol_violation): they came in the clear. So a caller that read the server's consent must have read nothing
/// else. Files are read, and an encrypted key is opened, where blocking is allowed.
/// Throws authentication_failed where the certificate does not do, naming host and reason; connect_failed where
/// the handshake fails; configuration_error for files that cannot be used (a private key must not be readable by
/// others) and verification `full` without a host; timed_out; cancelled.
[[nodiscard]] op<std::unique_ptr<stream>> tls_handshake(std::unique_ptr<stream> over, tls_options options);

/// For channel binding (RFC 5929, tls-server-end-point): the hash of the server's certificate, as bytes. Empty where
/// `over` is not TLS, or the certificate's signature names no hash.
[[nodiscard]] std::string tls_server_end_point(const stream& over);

} // namespace wharf::io
