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
// Accepted are, where the policy has nothing against it: trust; SCRAM-SHA-256 (-PLUS where the end point's hash is
// known); the password in clear text over TLS with a verified server, and where the server is local and the policy
// names it; and an MD5 password over TLS with a verified server, where the server is local, and where the policy names
// it. Notices, notifications and ParameterStatus are the caller's: they may come at any time.
#pragma once

#include "io/wipe.hpp"
#include "postgres/protocol/authentication_policy.hpp"
#include "postgres/protocol/frame.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"
#include "postgres/protocol/scram.hpp"
#include "postgres/protocol/startup.hpp"
#include "wharf/base/error.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wharf::postgres::protocol {

/// Frames larger than this are refused until the server has let us in.
inline constexpr std::size_t login_message_limit = std::size_t{64} << 10;

/// The server has no rule by which this user may come to this database in this way: over TLS, or without it.
class login_not_permitted final : public authentication_failed {
public:
    using authentication_failed::authentication_failed;
};

/// The server does not take one of the settings that the startup message has on wharf's own account.
class setting_refused final : public connect_failed {
public:
    using connect_failed::connect_failed;
};

/// Whether SCRAM is bound to the TLS channel.
enum class binding_demand { disable, prefer, require };

struct login_options {
    login_options() = default;
    login_options(const login_options&) = default;
    login_options(login_options&&) = default;
    login_options& operator=(const login_options&) = delete;
    login_options& operator=(login_options&&) = delete;
    ~login_options() {
        if (password) io::wipe(*password);
    }

    std::vector<std::pair<std::string, std::string>> parameters{}; ///< of the startup message; "user" among them
    std::vector<std::string_view> own_settings{}; ///< those among the parameters that nobody has asked for
    std::int32_t version{protocol_3_0};           ///< to be offered
    std::int32_t minimum_version{protocol_3_0};   ///< that is good enough
    std::optional<std::string> password{};
    bool tls{false};
    bool server_verified{false};                ///< TLS, and the certificate and host name have been checked
    bool local{false};                          ///< nobody is in between but the machine itself
    std::vector<std::byte> end_point_binding{}; ///< TLS: hash of the server's certificate; empty: not known
    authentication_policy policy{};
    binding_demand binding{binding_demand::prefer};
};

class login {
public:
    enum class step { wait, derive_key, done };

    explicit login(login_options options) : options_(std::move(options)) {}
    login(const login&) = delete;
    login& operator=(const login&) = delete;

    /// Throws authentication_failed where channel binding is required and there is no channel to bind to.
    void start(outgoing_buffer& out);

    /// Throws authentication_failed (login_not_permitted among them), connect_failed (setting_refused among them),
    /// configuration_error or protocol_violation.
    step receive(const frame& message, outgoing_buffer& out);

    /// After step::derive_key: what to derive the key from. The password is a copy that the caller may take elsewhere.
    [[nodiscard]] const scram_challenge& challenge() const noexcept { return challenge_; }
    [[nodiscard]] const std::string& password() const noexcept { return *options_.password; }
    void finish_key(const sha256_hash& salted_password, outgoing_buffer& out);

    /// Set when the server has sent BackendKeyData.
    [[nodiscard]] const std::optional<cancel_key>& key() const noexcept { return key_; }

private:
    enum class state { fresh, password_sent, scram_first, scram_key, scram_final, scram_verified, accepted };

    void negotiate(bytes_view body);
    void take_key(bytes_view body);
    step authenticate(bytes_view body, outgoing_buffer& out);
    void accept();
    void start_scram(const std::vector<std::string_view>& mechanisms, outgoing_buffer& out);
    [[nodiscard]] channel_binding choose_binding(const std::vector<std::string_view>& mechanisms) const;
    void send_cleartext(outgoing_buffer& out);
    void send_md5(bytes_view salt, outgoing_buffer& out);
    void require_accepted(authentication_policy::method method, std::string_view name) const;
    void require_state(state wanted) const;

    login_options options_;
    state state_{state::fresh};
    std::optional<scram_client> scram_{};
    bool bound_{false}; // the exchange is bound to the channel
    scram_challenge challenge_{};
    std::optional<cancel_key> key_{};
    std::int32_t agreed_{0}; ///< the version that the server has named; 0: none, what was offered counts
};

} // namespace wharf::postgres::protocol
