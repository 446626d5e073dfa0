#include "io/tls_setup.hpp"

#include "io/tls_error.hpp"
#include "wharf/base/error.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <new>

namespace wharf::io {
namespace {

struct free_context {
    void operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }
};
using context_handle = std::unique_ptr<SSL_CTX, free_context>;

[[noreturn]] void refuse_file(const std::string& what, const std::string& file) {
    throw configuration_error("could not use " + what + " in \"" + file + "\": " + take_tls_error().message());
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

void trust(SSL_CTX* context, const std::string& authorities) {
    if (authorities.empty())
        ::SSL_CTX_set_default_verify_paths(context);
    else if (::SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr) != 1)
        refuse_file("the trusted certificates", authorities);
}

void identify(SSL_CTX* context, const tls_options& options) {
    if (options.certificate.empty()) return;
    if (::SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1)
        refuse_file("the client certificate", options.certificate);
    const auto& key = options.key.empty() ? options.certificate : options.key;
    if (::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
        refuse_file("the client's private key", key);
}

context_handle make_context(const tls_options& options) {
    context_handle context(::SSL_CTX_new(::TLS_client_method()));
    if (!context) throw std::bad_alloc();
    ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    ::SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Each connection is new: a session to resume would have nobody to resume it.
    ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    if (options.verify != tls_verification::none) {
        ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        trust(context.get(), options.authorities);
    }
    identify(context.get(), options);
    return context;
}

void expect_host(SSL* ssl, const std::string& host) {
    ::SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool accepted = is_address(host) ? ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1
                                           : ::SSL_set1_host(ssl, host.c_str()) == 1;
    if (!accepted) throw configuration_error("\"" + host + "\" cannot be a host name in a certificate");
}

} // namespace

ssl_handle make_client(const tls_options& options) {
    if (options.host.find('\0') != std::string::npos) throw configuration_error("a host name contains a NUL character");
    if (options.verify == tls_verification::full && options.host.empty())
        throw configuration_error("full verification of a server's certificate needs a host name");
    ::ERR_clear_error();
    const auto context = make_context(options);
    ssl_handle ssl(::SSL_new(context.get()));
    if (!ssl) throw std::bad_alloc();
    if (options.verify == tls_verification::full) expect_host(ssl.get(), options.host);
    if (!options.host.empty() && !is_address(options.host) &&
        SSL_set_tlsext_host_name(ssl.get(), options.host.c_str()) != 1)
        throw configuration_error("\"" + options.host + "\" cannot be sent as a server's name");
    ::SSL_set_connect_state(ssl.get());
    return ssl;
}

} // namespace wharf::io
