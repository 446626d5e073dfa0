#include "postgres/protocol/login.hpp"

#include "postgres/protocol/authentication.hpp"
#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/md5.hpp"
#include "postgres/protocol/notice.hpp"
#include "postgres/protocol/session_state.hpp"
#include "wharf/base/database_error.hpp"

#include <algorithm>

namespace wharf::postgres::protocol {
namespace {

constexpr std::string_view plain_mechanism = "SCRAM-SHA-256";
constexpr std::string_view plus_mechanism = "SCRAM-SHA-256-PLUS";

bool offers(const std::vector<std::string_view>& mechanisms, std::string_view wanted) {
    return std::ranges::find(mechanisms, wanted) != mechanisms.end();
}

// Class 28 is about who we are, and waiting does not mend it; poolers refuse a password with other codes (PgBouncer
// 08P01, Pgpool-II XX000). Some conditions pass; the rest (no such database, a setting that the server does not take)
// is about what was asked for.
[[noreturn]] void throw_refusal(diagnostic fields, bool password_was_given) {
    const std::string text = "the server refused the login: " + fields.message + " [" + fields.sqlstate + "]";
    const database_error refusal(std::move(fields));
    if (refusal.sqlstate() == "28000") throw login_not_permitted(text);
    const bool of_a_pooler = refusal.sqlstate() == "08P01" || refusal.sqlstate() == "XX000";
    if (refusal.sqlstate().starts_with("28") || (password_was_given && of_a_pooler)) throw authentication_failed(text);
    if (refusal.is_transient() || refusal.sqlstate().empty()) throw connect_failed(text);
    throw configuration_error(text);
}

// Poolers know some settings only: "unsupported startup parameter: IntervalStyle".
void throw_if_setting_refused(const diagnostic& fields, const std::vector<std::string_view>& settings) {
    for (const std::string_view setting : settings)
        if (fields.message.find(setting) != std::string::npos)
            throw setting_refused("the server refused the login: " + fields.message + " [" + fields.sqlstate + "]");
}

[[noreturn]] void throw_unsupported(std::string_view method) {
    throw authentication_failed("the server asks for " + std::string(method) +
                                " authentication, which wharf does not support: have pg_hba.conf ask this user for "
                                "scram-sha-256 or for a client certificate");
}

const std::string& require_password(const login_options& options) {
    if (!options.password) throw authentication_failed("the server asks for a password, and none was given");
    return *options.password;
}

std::string_view user_of(const login_options& options) {
    const auto found = std::ranges::find(options.parameters, "user", &std::pair<std::string, std::string>::first);
    return found == options.parameters.end() ? std::string_view() : std::string_view(found->second);
}

[[noreturn]] void refuse_unbound(std::string_view why) {
    throw authentication_failed("channel_binding=require, and " + std::string(why));
}

} // namespace

void login::start(outgoing_buffer& out) {
    if (options_.binding == binding_demand::require && !options_.tls) refuse_unbound("the connection is not encrypted");
    encode(out, startup_message{options_.version, options_.parameters});
}

login::step login::receive(const frame& message, outgoing_buffer& out) {
    switch (message.type) {
    case backend_message::error_response:
        if (state_ == state::fresh) throw_if_setting_refused(decode_diagnostic(message.body), options_.own_settings);
        throw_refusal(decode_diagnostic(message.body), state_ == state::password_sent || state_ == state::scram_final);
    case backend_message::authentication:
        return authenticate(message.body, out);
    case backend_message::negotiate_protocol_version:
        negotiate(message.body);
        return step::wait;
    case backend_message::backend_key_data:
        take_key(message.body);
        return step::wait;
    case backend_message::ready_for_query:
        require_state(state::accepted);
        if (decode_ready(message.body) != transaction_status::idle)
            throw_violation("ReadyForQuery", "reports a transaction at login");
        return step::done;
    default:
        throw_violation(name_of(message.type), "came during login");
    }
}

// The server speaks an older version than was offered. We ask for no options, so there is nothing else to give way in.
void login::negotiate(bytes_view body) {
    require_state(state::fresh);
    if (agreed_ != 0 || options_.version == protocol_3_0)
        throw_violation("NegotiateProtocolVersion", "came though there was nothing to negotiate");
    const version_negotiation answer = decode_version_negotiation(body);
    if (!answer.unknown_options.empty())
        throw_violation("NegotiateProtocolVersion", "refuses an option that was not asked for");
    if (answer.version != protocol_3_0) // all that lies between the versions we know
        throw_violation("NegotiateProtocolVersion", "names a version that was not offered");
    if (answer.version < options_.minimum_version)
        throw connect_failed("the server speaks version 3.0 of the protocol, and min_protocol_version asks for 3.2");
    agreed_ = answer.version;
}

void login::take_key(bytes_view body) {
    require_state(state::accepted);
    if (key_) throw_violation("BackendKeyData", "came twice");
    key_ = decode_backend_key_data(body);
    const std::int32_t version = agreed_ == 0 ? options_.version : agreed_;
    if (version == protocol_3_0 && key_->secret.size() != shortest_secret)
        throw_violation("BackendKeyData", "has a longer key than version 3.0 allows");
}

login::step login::authenticate(bytes_view body, outgoing_buffer& out) {
    const authentication_request request = decode_authentication(body);
    switch (request.method) {
    case authentication_method::ok:
        accept();
        return step::wait;
    case authentication_method::sasl:
        require_state(state::fresh);
        start_scram(request.mechanisms, out);
        return step::wait;
    case authentication_method::sasl_continue:
        require_state(state::scram_first);
        challenge_ = scram_->read_server_first(as_text(request.data));
        state_ = state::scram_key;
        return step::derive_key;
    case authentication_method::sasl_final:
        require_state(state::scram_final);
        scram_->verify_server_final(as_text(request.data));
        state_ = state::scram_verified;
        return step::wait;
    case authentication_method::cleartext_password:
        require_state(state::fresh);
        send_cleartext(out);
        return step::wait;
    case authentication_method::md5_password:
        require_state(state::fresh);
        send_md5(request.data, out);
        return step::wait;
    case authentication_method::kerberos_v5:
        throw_unsupported("Kerberos V5");
    case authentication_method::crypt_password:
        throw_unsupported("crypt");
    case authentication_method::scm_credential:
        throw_unsupported("SCM credential");
    case authentication_method::gss:
    case authentication_method::gss_continue:
        throw_unsupported("GSSAPI");
    case authentication_method::sspi:
        throw_unsupported("SSPI");
    }
    throw_violation("Authentication", "asks for an unknown method");
}

// A server that lets us in must have done what was asked of it: not before it has proved that it knows the password,
// where it asked for one, and not without asking where that is not accepted.
void login::accept() {
    if (state_ != state::fresh && state_ != state::password_sent && state_ != state::scram_verified)
        throw authentication_failed("the server let us in before it had proved that it knows the password");
    if (state_ == state::fresh) require_accepted(authentication_policy::method::none, "to let us in without any login");
    if (options_.binding == binding_demand::require && !bound_)
        refuse_unbound("the server let us in without a login that is bound to the channel");
    state_ = state::accepted;
}

void login::start_scram(const std::vector<std::string_view>& mechanisms, outgoing_buffer& out) {
    if (!offers(mechanisms, plain_mechanism) && !offers(mechanisms, plus_mechanism)) {
        if (offers(mechanisms, "OAUTHBEARER")) throw_unsupported("OAuth");
        throw authentication_failed("the server offers no SASL mechanism that is supported: SCRAM-SHA-256 is");
    }
    require_accepted(authentication_policy::method::scram, "a SCRAM-SHA-256 login");
    static_cast<void>(require_password(options_));
    channel_binding binding = choose_binding(mechanisms);
    bound_ = binding.use == channel_binding::flag::end_point;
    const std::string first = scram_.emplace(std::move(binding)).first_message();
    encode(out, sasl_initial_response{bound_ ? plus_mechanism : plain_mechanism, as_bytes(first)});
    state_ = state::scram_first;
}

channel_binding login::choose_binding(const std::vector<std::string_view>& mechanisms) const {
    const bool offered = offers(mechanisms, plus_mechanism);
    const bool able = !options_.end_point_binding.empty() && options_.binding != binding_demand::disable;
    // Only over TLS does a server offer it: somebody in between may have taken the TLS off.
    if (offered && !options_.tls)
        throw authentication_failed("the server offers channel binding over a connection that is not encrypted");
    channel_binding binding;
    if (offered && able) {
        binding = {channel_binding::flag::end_point, options_.end_point_binding};
    } else if (options_.binding == binding_demand::require) {
        refuse_unbound(able ? "the server does not offer SCRAM-SHA-256-PLUS"
                            : "the server's certificate has no signature to bind to");
    } else if (!offers(mechanisms, plain_mechanism)) {
        throw authentication_failed("the server offers SCRAM with channel binding only, which is not possible here");
    } else if (able) {
        binding.use = channel_binding::flag::not_offered;
    }
    return binding;
}

void login::finish_key(const sha256_hash& salted_password, outgoing_buffer& out) {
    require_state(state::scram_key);
    encode_sasl_response(out, as_bytes(scram_->final_message(salted_password)));
    state_ = state::scram_final;
}

void login::send_cleartext(outgoing_buffer& out) {
    constexpr auto clear_text = authentication_policy::method::password;
    require_accepted(clear_text, "the password in clear text");
    const std::string& password = require_password(options_);
    const bool asked_for = options_.local && options_.policy.names(clear_text);
    if (!options_.server_verified && !asked_for)
        throw authentication_failed("the server asks for the password in clear text, which is sent only over TLS with "
                                    "a verified server, and to a local one where require_auth names password: use "
                                    "sslmode=verify-full, or scram-sha-256");
    encode_password(out, password);
    state_ = state::password_sent;
}

// Whoever overhears the answer can guess the password at leisure, and the hash that the server keeps is as good as it.
void login::send_md5(bytes_view salt, outgoing_buffer& out) {
    constexpr auto md5 = authentication_policy::method::md5;
    require_accepted(md5, "an md5 password");
    const std::string& password = require_password(options_);
    if (!options_.server_verified && !options_.local && !options_.policy.names(md5))
        throw authentication_failed("the server asks for an md5 password, which is sent only over TLS with a verified "
                                    "server and to local ones, unless require_auth names md5: better store the "
                                    "password anew with password_encryption=scram-sha-256");
    encode_password(out, md5_answer(password, user_of(options_), salt));
    state_ = state::password_sent;
}

void login::require_accepted(authentication_policy::method method, std::string_view name) const {
    if (!options_.policy.accepts(method))
        throw authentication_failed("the server wants " + std::string(name) + ", which require_auth does not allow");
    const bool scram = method == authentication_policy::method::scram;
    if (options_.binding == binding_demand::require && !scram && method != authentication_policy::method::none)
        refuse_unbound("the server asks for a login that cannot be bound to the channel");
}

void login::require_state(state wanted) const {
    if (state_ != wanted) throw_violation("Authentication", "came out of turn");
}

} // namespace wharf::postgres::protocol
