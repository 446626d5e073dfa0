// Login, from the startup message to the first ReadyForQuery, as a state machine without I/O:
//
//   login attempt(options);
//   attempt.start(outgoing);
//   for (;;) switch (attempt.receive(next_frame(), outgoing)) {
//       case login::step::wait: continue;                        // send what is outgoing, receive
//       case login::step::derive_key: ... attempt.finish_key(derive_salted_password(...), outgoing); continue;
//       case login::step::done: ...
//   }
//
// Accepted are trust, SCRAM-SHA-256 (-PLUS where the end point's hash is known) and, over TLS with a verified server,
// the password in clear text. Notices, notifications and ParameterStatus are the caller's: they may come at any time.
#pragma once

#include "postgres/protocol/frame.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"
#include "postgres/protocol/scram.hpp"
#include "postgres/protocol/startup.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wharf::postgres::protocol {

/// Frames larger than this are refused until the server has let us in.
inline constexpr std::size_t login_message_limit = std::size_t{64} << 10;

struct login_options {
    std::vector<std::pair<std::string, std::string>> parameters{}; ///< of the startup message; "user" among them
    std::optional<std::string> password{};
    bool tls{false};
    bool server_verified{false};                ///< TLS, and the certificate and host name have been checked
    std::vector<std::byte> end_point_binding{}; ///< TLS: hash of the server's certificate; empty: not known
};

class login {
public:
    enum class step { wait, derive_key, done };

    explicit login(login_options options) : options_(std::move(options)) {}
    login(const login&) = delete;
    login& operator=(const login&) = delete;
    ~login();

    void start(outgoing_buffer& out);

    /// Throws authentication_failed, connect_failed, configuration_error or protocol_violation.
    step receive(const frame& message, outgoing_buffer& out);

    /// After step::derive_key: what to derive the key from. The password is a copy that the caller may take elsewhere.
    [[nodiscard]] const scram_challenge& challenge() const noexcept { return challenge_; }
    [[nodiscard]] const std::string& password() const noexcept { return *options_.password; }
    void finish_key(const sha256_hash& salted_password, outgoing_buffer& out);

    /// Set when the server has sent BackendKeyData.
    [[nodiscard]] const std::optional<cancel_key>& key() const noexcept { return key_; }

private:
    enum class state { fresh, password_sent, scram_first, scram_key, scram_final, scram_verified, accepted };

    step authenticate(bytes_view body, outgoing_buffer& out);
    void start_scram(const std::vector<std::string_view>& mechanisms, outgoing_buffer& out);
    void send_cleartext(outgoing_buffer& out);
    void require_state(state wanted) const;

    login_options options_;
    state state_{state::fresh};
    std::optional<scram_client> scram_{};
    scram_challenge challenge_{};
    std::optional<cancel_key> key_{};
};

} // namespace wharf::postgres::protocol
