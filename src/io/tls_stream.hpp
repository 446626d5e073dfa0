// The stream of a TLS connection.
#pragma once

#include "io/tls_bio.hpp"
#include "io/tls_setup.hpp"
#include "wharf/io/tls.hpp"

namespace wharf::io {

class tls_stream final : public stream {
public:
    /// Throws configuration_error.
    tls_stream(std::unique_ptr<stream> over, SSL_CTX& context, const tls_options& options);
    /// Says goodbye where that is possible at once.
    ~tls_stream() override;

    /// A step of the handshake: a want, or done. Throws authentication_failed, connect_failed.
    io_result shake_hands();
    /// After the handshake: whether the server did what `options` insist on. Throws authentication_failed,
    /// connect_failed.
    void check_agreement(const tls_options& options) const;

    io_result read(std::span<char> into) noexcept override;
    io_result write(std::span<const char> from) noexcept override;
    descriptor& handle() noexcept override { return transport_.under->handle(); }
    /// OpenSSL may hold bytes that have arrived.
    bool wait_first() const noexcept override { return false; }
    void shut_down() noexcept override { transport_.under->shut_down(); }
    std::string_view peer() const noexcept override { return transport_.under->peer(); }

    [[nodiscard]] const SSL& ssl() const noexcept { return *ssl_; }

private:
    /// What a call of OpenSSL that did nothing means. After an error the stream answers with it for ever.
    io_result explain(int returned) noexcept;

    tls_transport transport_;
    tls_encounter encounter_;
    ssl_handle ssl_;
    std::error_code failed_{};
    bool established_{false};
};

} // namespace wharf::io
