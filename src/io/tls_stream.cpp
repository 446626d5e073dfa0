#include "io/tls_stream.hpp"

#include "io/tls_error.hpp"
#include "io/wipe.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/sslerr.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace wharf::io {
namespace {

// The two sides do not agree, and will not next time.
class handshake_refused final : public connect_failed {
public:
    using connect_failed::connect_failed;
    [[nodiscard]] bool is_transient() const noexcept override { return false; }
};

bool is_refusal(const std::error_code& error) noexcept {
    switch (tls_reason(error)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
        return true;
    default:
        return false;
    }
}

} // namespace

tls_stream::tls_stream(std::unique_ptr<stream> over, SSL_CTX& context, const tls_options& options)
    : ssl_(make_client(context, options, encounter_)) {
    transport_.under = std::move(over);
    auto* bio = make_stream_bio(transport_);
    ::SSL_set_bio(ssl_.get(), bio, bio); // takes both references, which are one
}

tls_stream::~tls_stream() {
    if (established_ && !failed_) ::SSL_shutdown(ssl_.get()); // one record, where the socket has room for it
    ::ERR_clear_error();
}

io_result tls_stream::explain(int returned) noexcept {
    io_result result;
    switch (::SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        result.want_read = true;
        break;
    case SSL_ERROR_WANT_WRITE:
        result.want_write = true;
        break;
    case SSL_ERROR_ZERO_RETURN:
        result.end = true;
        break;
    default:
        failed_ = transport_.error ? transport_.error : take_tls_error();
        result.error = failed_;
        result.cut = transport_.ended && !transport_.error;
        break;
    }
    return result;
}

io_result tls_stream::read(std::span<char> into) noexcept {
    io_result result;
    result.error = failed_;
    if (failed_) return result;
    ::ERR_clear_error(); // SSL_get_error looks at the queue, in which others may have left something
    const int returned = ::SSL_read_ex(ssl_.get(), into.data(), into.size(), &result.bytes);
    return returned == 1 ? result : explain(returned);
}

io_result tls_stream::write(std::span<const char> from) noexcept {
    io_result result;
    result.error = failed_;
    if (failed_) return result;
    ::ERR_clear_error();
    const int returned = ::SSL_write_ex(ssl_.get(), from.data(), from.size(), &result.bytes);
    if (returned == 1) return result;
    result = explain(returned);
    if (result.end) result.error = std::make_error_code(std::errc::broken_pipe);
    result.end = false;
    return result;
}

io_result tls_stream::shake_hands() {
    ::ERR_clear_error();
    const int returned = ::SSL_do_handshake(ssl_.get());
    io_result result;
    if (returned == 1) {
        established_ = true;
        return result;
    }
    result = explain(returned);
    if (result.waits()) return result;
    const auto verified = ::SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK)
        throw authentication_failed("the certificate of " + std::string(peer()) +
                                    (encounter_.host.empty() ? "" : " (as \"" + encounter_.host + "\")") +
                                    " was refused: " + ::X509_verify_cert_error_string(verified));
    const auto reason = transport_.ended ? "the server ended the connection" : result.error.message();
    const std::string text = "the TLS handshake with " + std::string(peer()) + " failed: " + reason;
    if (is_refusal(result.error)) throw handshake_refused(text);
    throw connect_failed(text);
}

void tls_stream::check_agreement(const tls_options& options) const {
    if (options.certificate_required && !encounter_.certificate_requested)
        throw authentication_failed(std::string(peer()) +
                                    " did not ask for the client's certificate, which is required");
    if (!options.protocol_required) return;
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    ::SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
    if (chosen == nullptr)
        throw handshake_refused(std::string(peer()) + " speaks TLS, but did not agree on the protocol \"" +
                                options.protocol + "\" (ALPN)");
}

namespace {

// Owns what it needs: it may run on another thread, after the op that wanted it has gone.
struct context_making {
    tls_options options;

    context_making(const context_making&) = default;
    context_making(context_making&&) = default;
    context_making& operator=(const context_making&) = delete;
    ~context_making() {
        if (options.key_password) wipe(*options.key_password);
    }
    explicit context_making(tls_options from) : options(std::move(from)) {}

    [[nodiscard]] context_handle operator()() const { return make_context(options); }
};

void refuse_early_bytes(stream& over) {
    char early = 0;
    if (::recv(over.handle().native(), &early, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
        throw protocol_violation("unencrypted bytes arrived from " + std::string(over.peer()) +
                                 " before the TLS handshake");
}

} // namespace

op<std::unique_ptr<stream>> tls_handshake(std::unique_ptr<stream> over, tls_options options) {
    refuse_early_bytes(*over);
    context_making making(options);
    const auto context = co_await offload(std::move(making));
    auto made = std::make_unique<tls_stream>(std::move(over), *context, options);
    for (;;) {
        const auto step = made->shake_hands();
        if (!step.waits()) break;
        co_await wait(made->handle(), step.wanted());
    }
    made->check_agreement(options);
    co_return std::unique_ptr<stream>(std::move(made));
}

std::string tls_server_end_point(const stream& over) {
    const auto* encrypted = dynamic_cast<const tls_stream*>(&over);
    if (encrypted == nullptr) return {};
    const auto* certificate = ::SSL_get0_peer_certificate(&encrypted->ssl());
    int digest = NID_undef;
    if (certificate == nullptr ||
        ::X509_get_signature_info(const_cast<X509*>(certificate), &digest, nullptr, nullptr, nullptr) != 1 ||
        digest == NID_undef)
        return {};
    if (digest == NID_md5 || digest == NID_sha1) digest = NID_sha256; // RFC 5929, section 4.1
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned int size = 0;
    const auto* method = ::EVP_get_digestbynid(digest);
    if (method == nullptr || ::X509_digest(certificate, method, hash.data(), &size) != 1) return {};
    return {reinterpret_cast<const char*>(hash.data()), size};
}

} // namespace wharf::io
