#include "io/tls_setup.hpp"

#include "io/tls_files.hpp"
#include "io/tls_name.hpp"
#include "wharf/base/error.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <new>

namespace wharf::io {
namespace {

int number_of(tls_version version) noexcept {
    return version == tls_version::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

tls_encounter& encounter_of(SSL* ssl) noexcept {
    return *static_cast<tls_encounter*>(SSL_get_app_data(ssl));
}

// The name is looked at before the client shows its own certificate or sends a byte.
int verify(X509_STORE_CTX* chain, void* /*unused*/) noexcept {
    if (::X509_verify_cert(chain) != 1) return 0;
    auto* ssl = static_cast<SSL*>(::X509_STORE_CTX_get_ex_data(chain, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
    const auto& encounter = encounter_of(ssl);
    if (!encounter.check_host || is_certificate_of(*::X509_STORE_CTX_get0_cert(chain), encounter.host)) return 1;
    ::X509_STORE_CTX_set_error(chain, is_address(encounter.host) ? X509_V_ERR_IP_ADDRESS_MISMATCH
                                                                 : X509_V_ERR_HOSTNAME_MISMATCH);
    return 0;
}

int note_request(SSL* ssl, void* /*unused*/) noexcept {
    encounter_of(ssl).certificate_requested = true;
    return 1;
}

void check(const tls_options& options) {
    if (options.host.find('\0') != std::string::npos) throw configuration_error("a host name contains a NUL character");
    if (options.verify == tls_verification::full && options.host.empty())
        throw configuration_error("full verification of a server's certificate needs a host name");
    if (options.minimum_version > options.maximum_version)
        throw configuration_error("the least version of TLS is greater than the greatest");
    if (options.protocol.size() > 255) throw configuration_error("the name of a protocol (ALPN) is too long");
}

void offer_protocol(SSL* ssl, const std::string& protocol) {
    if (protocol.empty()) return;
    const std::string offered = static_cast<char>(protocol.size()) + protocol;
    const auto* bytes = reinterpret_cast<const unsigned char*>(offered.data());
    if (::SSL_set_alpn_protos(ssl, bytes, static_cast<unsigned>(offered.size())) != 0) throw std::bad_alloc();
}

} // namespace

context_handle make_context(const tls_options& options) {
    check(options);
    ::ERR_clear_error();
    context_handle context(::SSL_CTX_new(::TLS_client_method()));
    if (!context) throw std::bad_alloc();
    ::SSL_CTX_set_min_proto_version(context.get(), number_of(options.minimum_version));
    ::SSL_CTX_set_max_proto_version(context.get(), number_of(options.maximum_version));
    ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    ::SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Each connection is new: a session to resume would have nobody to resume it.
    ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    if (options.verify != tls_verification::none) {
        ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        ::SSL_CTX_set_cert_verify_callback(context.get(), &verify, nullptr);
        trust(*context, options);
    }
    identify(*context, options);
    ::SSL_CTX_set_cert_cb(context.get(), &note_request, nullptr);
    return context;
}

ssl_handle make_client(SSL_CTX& context, const tls_options& options, tls_encounter& encounter) {
    ssl_handle ssl(::SSL_new(&context));
    if (!ssl) throw std::bad_alloc();
    encounter.host = options.host;
    encounter.check_host = options.verify == tls_verification::full;
    SSL_set_app_data(ssl.get(), &encounter);
    if (options.send_host && !options.host.empty() && !is_address(options.host) &&
        SSL_set_tlsext_host_name(ssl.get(), options.host.c_str()) != 1)
        throw configuration_error("\"" + options.host + "\" cannot be sent as a server's name");
    offer_protocol(ssl.get(), options.protocol);
    ::SSL_set_connect_state(ssl.get());
    return ssl;
}

} // namespace wharf::io
