#include "postgres/protocol/login.hpp"

#include "postgres/protocol/authentication.hpp"
#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/notice.hpp"
#include "postgres/protocol/session_state.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace wharf::postgres::protocol {
namespace {

constexpr std::string_view plain_mechanism = "SCRAM-SHA-256";
constexpr std::string_view plus_mechanism = "SCRAM-SHA-256-PLUS";

bool offers(const std::vector<std::string_view>& mechanisms, std::string_view wanted) {
    return std::ranges::find(mechanisms, wanted) != mechanisms.end();
}

// Class 28 is about who we are, and waiting does not mend it; some conditions pass; the rest (no such database, a
// setting that the server does not take) is about what was asked for.
[[noreturn]] void throw_refusal(diagnostic fields) {
    const std::string text = "the server refused the login: " + fields.message + " [" + fields.sqlstate + "]";
    const database_error refusal(std::move(fields));
    if (refusal.sqlstate().starts_with("28")) throw authentication_failed(text);
    if (refusal.is_transient() || refusal.sqlstate().empty()) throw connect_failed(text);
    throw configuration_error(text);
}

[[noreturn]] void throw_unsupported(std::string_view method) {
    throw authentication_failed("the server asks for " + std::string(method) +
                                " authentication, which is not supported: use scram-sha-256");
}

const std::string& require_password(const login_options& options) {
    if (!options.password) throw authentication_failed("the server asks for a password, and none was given");
    return *options.password;
}

} // namespace

login::~login() {
    if (options_.password) OPENSSL_cleanse(options_.password->data(), options_.password->size());
}

void login::start(outgoing_buffer& out) {
    encode(out, startup_message{protocol_3_0, options_.parameters});
}

login::step login::receive(const frame& message, outgoing_buffer& out) {
    switch (message.type) {
    case backend_message::error_response:
        throw_refusal(decode_diagnostic(message.body));
    case backend_message::authentication:
        return authenticate(message.body, out);
    case backend_message::negotiate_protocol_version:
        // We speak 3.0 and ask for no options, so there is nothing to give way in.
        throw_violation("NegotiateProtocolVersion", "came though version 3.0 was asked for");
    case backend_message::backend_key_data:
        require_state(state::accepted);
        if (key_) throw_violation("BackendKeyData", "came twice");
        key_ = decode_backend_key_data(message.body);
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

login::step login::authenticate(bytes_view body, outgoing_buffer& out) {
    const authentication_request request = decode_authentication(body);
    switch (request.method) {
    case authentication_method::ok:
        if (state_ != state::fresh && state_ != state::password_sent && state_ != state::scram_verified)
            throw authentication_failed("the server let us in before it had proved that it knows the password");
        state_ = state::accepted;
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
        throw_unsupported("md5");
    case authentication_method::kerberos_v5:
        throw_unsupported("Kerberos V5");
    case authentication_method::gss:
    case authentication_method::gss_continue:
        throw_unsupported("GSSAPI");
    case authentication_method::sspi:
        throw_unsupported("SSPI");
    }
    throw_violation("Authentication", "asks for an unknown method");
}

void login::start_scram(const std::vector<std::string_view>& mechanisms, outgoing_buffer& out) {
    channel_binding binding;
    std::string_view mechanism = plain_mechanism;
    if (!options_.end_point_binding.empty() && offers(mechanisms, plus_mechanism)) {
        mechanism = plus_mechanism;
        binding = {channel_binding::flag::end_point, options_.end_point_binding};
    } else if (!offers(mechanisms, plain_mechanism)) {
        throw authentication_failed("the server offers no SASL mechanism that is supported: SCRAM-SHA-256 is");
    } else if (!options_.end_point_binding.empty()) {
        binding.use = channel_binding::flag::not_offered;
    }
    static_cast<void>(require_password(options_));
    const std::string first = scram_.emplace(std::move(binding)).first_message();
    encode(out, sasl_initial_response{mechanism, as_bytes(first)});
    state_ = state::scram_first;
}

void login::finish_key(const sha256_hash& salted_password, outgoing_buffer& out) {
    require_state(state::scram_key);
    encode_sasl_response(out, as_bytes(scram_->final_message(salted_password)));
    state_ = state::scram_final;
}

void login::send_cleartext(outgoing_buffer& out) {
    const std::string& password = require_password(options_);
    if (!options_.server_verified)
        throw authentication_failed("the server asks for the password in clear text, which is sent only over TLS with "
                                    "a verified server: use sslmode=verify-full, or scram-sha-256");
    encode_password(out, password);
    state_ = state::password_sent;
}

void login::require_state(state wanted) const {
    if (state_ != wanted) throw_violation("Authentication", "came out of turn");
}

} // namespace wharf::postgres::protocol
