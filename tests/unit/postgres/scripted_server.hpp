// A server that says what a test tells it to, true or not, on a Unix socket of its own, or on TCP, also encrypted.
//
//   scripted_server server([](scripted_peer& client) {
//       client.log_in();
//       client.read_until('S');
//       client.send(message('Z', "I"));
//   });
//   auto connection = server.connect();
#pragma once

#include "postgres/protocol/outgoing_buffer.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/postgres/settings.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace wharf::postgres {

/// The server's end of one connection. Its functions throw std::runtime_error when the client does not play along.
class scripted_peer {
public:
    explicit scripted_peer(int socket) noexcept : socket_(socket) {}
    /// From here on TLS is spoken, with the certificate of `context`.
    void encrypt(SSL_CTX& context);
    /// The peer's end of the encrypted stream. After encrypt().
    [[nodiscard]] SSL& tls() noexcept { return *tls_; }
    /// Another descriptor of the connection, the caller's: with it the connection outlives the script.
    [[nodiscard]] int hold() const;
    /// The client's next byte, which stays.
    char peek() const;
    /// Reads the request for TLS or for a cancellation, without its length.
    std::string read_request();
    scripted_peer(const scripted_peer&) = delete;
    scripted_peer& operator=(const scripted_peer&) = delete;
    ~scripted_peer();

    void send(std::string_view bytes);
    /// Reads messages up to one of this type.
    void read_until(char type);
    void read_startup();
    /// Reads the startup message and lets the client in without a password.
    void log_in();
    /// Waits until the client has ended the stream.
    void read_to_end();
    /// Ends the connection with RST instead of FIN.
    void reset();

private:
    std::string read_exactly(std::size_t size);
    std::ptrdiff_t read_some(char* into, std::size_t size);
    std::ptrdiff_t write_some(const char* from, std::size_t size);

    int socket_;
    SSL* tls_{nullptr};
};

class scripted_server {
public:
    using script = std::function<void(scripted_peer&)>;

    enum class place { unix_socket, tcp };

    /// Serves one connection after the other with `play`, on a thread.
    explicit scripted_server(script play, place where = place::unix_socket);
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;
    ~scripted_server();

    [[nodiscard]] settings where() const;
    [[nodiscard]] std::unique_ptr<driver> connect() const;

private:
    void serve(const script& play) const;

    void listen_on_unix_socket();
    void listen_on_tcp();

    std::string directory_;
    std::uint16_t port_{5432};
    int listener_{-1};
    std::thread thread_;
};

/// A message of the server: type, length, body.
[[nodiscard]] std::string message(char type, std::string_view body = {});
/// The same with a length that may be a lie.
[[nodiscard]] std::string message_of_length(char type, std::int32_t length, std::string_view body = {});

/// ErrorResponse or NoticeResponse with these fields, each a letter and its text.
[[nodiscard]] std::string error_message(std::initializer_list<std::string_view> fields, char type = 'E');

/// The answers to a cold "SELECT" of one int4 column: to its preparation, and to its execution with one row, 7.
[[nodiscard]] std::string prepared_answer();
[[nodiscard]] std::string executed_answer();

} // namespace wharf::postgres
