// A TLS server on a thread of the test, spoken by OpenSSL itself.
#pragma once

#include "unit/io/certificates.hpp"
#include "unit/io/socket_pair.hpp"
#include "wharf/io/connect.hpp"
#include "wharf/io/tls.hpp"

#include <openssl/ssl.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace wharf::io::test {

/// Serves one connection. It ends when that has ended; its destructor waits for it.
class tls_server {
public:
    using script = std::function<void(SSL&)>;

    using setup = std::function<void(SSL_CTX&)>;

    /// `trusted`: a file of authorities from which the client must have its certificate; empty: it needs none.
    /// `prepare` may change more.
    tls_server(identity own, script serve, std::string trusted = {}, setup prepare = {})
        : own_(std::move(own)), serve_(std::move(serve)), trusted_(std::move(trusted)), prepare_(std::move(prepare)),
          thread_([this] { run(); }) {}
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;
    ~tls_server() { thread_.join(); }

    [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }

    /// Sends back what comes, `slice` bytes at a time, until the client says goodbye.
    static script echo(std::size_t slice) {
        return [slice](SSL& ssl) {
            std::string buffer(slice, '\0');
            for (;;) {
                std::size_t count = 0;
                if (::SSL_read_ex(&ssl, buffer.data(), buffer.size(), &count) != 1) return;
                if (::SSL_write_ex(&ssl, buffer.data(), count, &count) != 1) return;
            }
        };
    }

    /// Chooses `protocol`, whatever the client offers, where it offers any.
    static setup speaking(const std::string& protocol) {
        return [&protocol](SSL_CTX& context) {
            ::SSL_CTX_set_alpn_select_cb(&context, &choose, const_cast<std::string*>(&protocol));
        };
    }

private:
    static int choose(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size, const unsigned char* /*offered*/,
                      unsigned /*offered_size*/, void* protocol) {
        const auto& name = *static_cast<const std::string*>(protocol);
        *chosen = reinterpret_cast<const unsigned char*>(name.data());
        *size = static_cast<unsigned char>(name.size());
        return SSL_TLSEXT_ERR_OK;
    }

    void run() {
        sigset_t signals; // OpenSSL's own sockets write without MSG_NOSIGNAL
        ::sigemptyset(&signals);
        ::sigaddset(&signals, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(::SSL_CTX_new(::TLS_server_method()),
                                                                          &::SSL_CTX_free);
        ::SSL_CTX_use_certificate(context.get(), own_.certificate.get());
        ::SSL_CTX_use_PrivateKey(context.get(), own_.key.get());
        if (!trusted_.empty()) {
            ::SSL_CTX_load_verify_locations(context.get(), trusted_.c_str(), nullptr);
            ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        }
        if (prepare_) prepare_(*context);
        const descriptor socket(listener_.accept());
        const std::unique_ptr<SSL, decltype(&::SSL_free)> ssl(::SSL_new(context.get()), &::SSL_free);
        ::SSL_set_fd(ssl.get(), socket.native());
        if (::SSL_accept(ssl.get()) == 1) serve_(*ssl);
    }

    tcp_listener listener_;
    identity own_;
    script serve_;
    std::string trusted_;
    setup prepare_;
    std::thread thread_;
};

/// Passes one byte at a time in each direction.
class slicing_stream final : public stream {
public:
    explicit slicing_stream(std::unique_ptr<stream> under) : under_(std::move(under)) {}
    io_result read(std::span<char> into) noexcept override { return under_->read(into.first(1)); }
    io_result write(std::span<const char> from) noexcept override { return under_->write(from.first(1)); }
    descriptor& handle() noexcept override { return under_->handle(); }
    bool wait_first() const noexcept override { return under_->wait_first(); }
    void shut_down() noexcept override { under_->shut_down(); }
    std::string_view peer() const noexcept override { return under_->peer(); }

private:
    std::unique_ptr<stream> under_;
};

/// Connects to the server and encrypts.
inline op<std::unique_ptr<stream>> connect_securely(std::uint16_t port, tls_options options, bool sliced) {
    auto plain = co_await connect_tcp("127.0.0.1", port);
    if (sliced) plain = std::make_unique<slicing_stream>(std::move(plain));
    co_return co_await tls_handshake(std::move(plain), std::move(options));
}

/// Sends `text` and yields as many bytes as come back.
inline op<std::string> echoed(stream& over, std::string text) {
    class collector final : public receiver {
    public:
        std::span<char> space() override { return space_; }
        void received(std::size_t count) override { all.append(space_.data(), count); }
        std::string all;

    private:
        std::array<char, 4096> space_{};
    };
    collector arrived;
    const bool sent = co_await transfer(over, text, arrived);
    while (sent && arrived.all.size() < text.size()) {
        const auto count = co_await read_some(over, arrived.space());
        if (count == 0) break;
        arrived.received(count);
    }
    co_return std::move(arrived.all);
}

/// Connects, sends and receives, says goodbye.
inline op<std::string> echoed_securely(std::uint16_t port, tls_options options, bool sliced, std::string text) {
    const auto secure = co_await connect_securely(port, std::move(options), sliced);
    co_return co_await echoed(*secure, std::move(text));
}

} // namespace wharf::io::test
