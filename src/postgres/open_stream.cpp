// From an address to a stream, encrypted as it is asked for.
#include "postgres/connect.hpp"
#include "postgres/protocol/startup.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/connect.hpp"
#include "wharf/io/tls.hpp"

#include <cstdlib>
#include <string>
#include <unistd.h>
#include <utility>

namespace wharf::postgres {
namespace {

// Where libpq looks too; empty: the system's authorities.
std::string default_authorities() {
    const char* home = std::getenv("HOME");
    if (home == nullptr) return {};
    std::string path = std::string(home) + "/.postgresql/root.crt";
    return ::access(path.c_str(), R_OK) == 0 ? path : std::string();
}

io::tls_options make_tls_options(const settings& where, const server_address& server, ssl_mode mode) {
    io::tls_options options;
    options.host = server.host;
    options.certificate = where.certificate;
    options.key = where.certificate_key;
    options.verify = mode == ssl_mode::verify_full ? io::tls_verification::full
                     : mode == ssl_mode::verify_ca ? io::tls_verification::certificate
                                                   : io::tls_verification::none;
    // "system" is libpq's word for the system's authorities, which are the default here when no file is found.
    if (where.root_certificate.empty())
        options.authorities = default_authorities();
    else if (where.root_certificate != "system")
        options.authorities = where.root_certificate;
    return options;
}

io::tcp_options make_tcp_options(const settings& where) {
    io::tcp_options options;
    options.keepalive = where.keepalives;
    options.keepalive_idle = where.keepalives_idle;
    options.keepalive_interval = where.keepalives_interval;
    options.keepalive_count = where.keepalives_count;
    options.user_timeout = where.tcp_user_timeout;
    options.random_address = where.load_balance_hosts == host_order::random;
    return options;
}

// Asks whether the server speaks TLS. It answers with one byte that is no message; nothing behind it is read, so that
// bytes sent in the clear cannot pass for encrypted ones.
io::op<bool> server_offers_tls(io::stream& stream) {
    protocol::outgoing_buffer out;
    protocol::encode(out, protocol::ssl_request{});
    co_await io::write_all(stream, protocol::as_text(out.pending()));
    char answer = 0;
    const auto got = co_await io::read_some(stream, std::span(&answer, 1));
    if (got == 0) throw connect_failed(std::string(stream.peer()) + " closed the connection when asked for TLS");
    if (answer == 'S') co_return true;
    if (answer == 'N') co_return false;
    // An ErrorResponse cannot be trusted before the handshake, and is not shown.
    if (answer == 'E') throw connect_failed(std::string(stream.peer()) + " answered the request for TLS by an error");
    throw protocol_violation(std::string(stream.peer()) +
                             " answered the request for TLS by something else than S or N");
}

} // namespace

io::op<secured_stream> open_stream(const settings& where, const server_address& server) {
    secured_stream result;
    if (server.is_unix_socket()) {
        result.stream = co_await io::connect_unix(server.host + "/.s.PGSQL." + std::to_string(server.port));
        require_peer(where, *result.stream);
        co_return std::move(result);
    }
    const auto& reached = server.address.empty() ? server.host : server.address;
    result.stream = co_await io::connect_tcp(reached, server.port, make_tcp_options(where));
    const ssl_mode mode = where.mode_for(server);
    if (mode == ssl_mode::disable) co_return std::move(result);

    const bool offered = co_await server_offers_tls(*result.stream);
    if (!offered) {
        if (mode == ssl_mode::prefer) co_return std::move(result);
        throw connect_failed("the server at " + std::string(result.stream->peer()) +
                             " does not offer TLS, which sslmode asks for");
    }
    auto options = make_tls_options(where, server, mode);
    result.stream = co_await io::tls_handshake(std::move(result.stream), std::move(options));
    result.tls = true;
    result.server_verified = mode == ssl_mode::verify_full;
    result.end_point = io::tls_server_end_point(*result.stream);
    co_return std::move(result);
}

} // namespace wharf::postgres
