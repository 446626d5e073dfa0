// The client's side of SCRAM-SHA-256, with and without channel binding. It proves to the server that the client knows
// the password, and makes the server prove that it knows its hash; the password itself never travels.
//
//   scram_client scram(binding);
//   send(scram.first_message());
//   const scram_challenge challenge = scram.read_server_first(receive());
//   send(scram.final_message(derive_salted_password(password, challenge)));    // slow: see below
//   scram.verify_server_final(receive());
//
// The password is what saslprep() makes of it.
// Source: RFC 5802, RFC 7677, RFC 5929 (tls-server-end-point).
#pragma once

#include "postgres/protocol/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::postgres::protocol {

inline constexpr std::uint32_t max_scram_iterations = 1'000'000;

using sha256_hash = std::array<std::byte, 32>;

/// What the client says about channel binding.
struct channel_binding {
    enum class flag {
        unsupported, ///< "n"
        not_offered, ///< "y": the client could, but believes that the server cannot; a server that can will refuse
        end_point,   ///< "p=tls-server-end-point": bound to the hash of the server's certificate, in `data`
    };
    flag use{flag::unsupported};
    std::vector<std::byte> data{};
};

/// What the server sets: with it and the password the keys are made.
struct scram_challenge {
    std::vector<std::byte> salt{};
    std::uint32_t iterations{};
};

/// PBKDF2 with HMAC-SHA-256. Takes about 0.3 us per iteration: in an event loop it belongs on another thread.
[[nodiscard]] sha256_hash derive_salted_password(std::string_view password, const scram_challenge& challenge);

/// 18 random bytes in base 64.
[[nodiscard]] std::string make_scram_nonce();

/// One exchange. Throws protocol_violation for messages that are malformed, authentication_failed for a server that
/// asks for too many iterations, reports an error, or cannot prove itself.
class scram_client {
public:
    explicit scram_client(channel_binding binding, std::string nonce = make_scram_nonce(), std::string user = {});

    /// PostgreSQL takes the user's name from the startup message, so it may be empty here.
    [[nodiscard]] std::string first_message() const;
    [[nodiscard]] scram_challenge read_server_first(std::string_view message);
    [[nodiscard]] std::string final_message(const sha256_hash& salted_password);
    /// Returns when the server's signature is right, compared in constant time.
    void verify_server_final(std::string_view message) const;

private:
    [[nodiscard]] std::string gs2_header() const;
    [[nodiscard]] std::string first_bare() const { return "n=" + user_ + ",r=" + nonce_; }

    channel_binding binding_;
    std::string nonce_; // ours, then the server's, which begins with ours
    std::string user_;
    std::string first_bare_{};
    std::string server_first_{};
    sha256_hash server_signature_{};
};

} // namespace wharf::postgres::protocol
