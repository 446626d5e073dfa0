// From an address to a stream, encrypted as it is asked for.
#include "postgres/certificate_files.hpp"
#include "postgres/connect.hpp"
#include "postgres/protocol/startup.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/connect.hpp"
#include "wharf/io/tls.hpp"

#include <string>
#include <utility>

namespace wharf::postgres {
namespace {

// What PostgreSQL 17 and later call themselves to TLS (ALPN).
constexpr const char* tls_protocol = "postgresql";

io::tls_verification verification_for(ssl_mode mode) noexcept {
    if (mode == ssl_mode::verify_full) return io::tls_verification::full;
    return mode == ssl_mode::verify_ca ? io::tls_verification::certificate : io::tls_verification::none;
}

io::tls_version to_version(const std::string& name) noexcept {
    return name == "TLSv1.2" ? io::tls_version::v1_2 : io::tls_version::v1_3;
}

io::tls_options make_tls_options(const settings& where, const server_address& server, ssl_mode mode) {
    certificate_files files = find_certificate_files(where);
    // As in libpq: a root certificate that lies where it belongs is used.
    if (mode == ssl_mode::require && !files.authorities.empty()) mode = ssl_mode::verify_ca;
    io::tls_options options;
    options.host = server.host;
    options.send_host = where.server_name_indication;
    options.verify = verification_for(mode);
    options.authorities = std::move(files.authorities);
    options.revocations = std::move(files.revocations);
    options.revocation_directory = std::move(files.revocation_directory);
    options.certificate = std::move(files.certificate);
    options.key = std::move(files.key);
    options.key_password = where.certificate_key_password;
    options.certificate_required = where.certificate_mode == ssl_certificate_mode::require;
    if (options.certificate_required && options.certificate.empty())
        throw configuration_error("sslcertmode=require, and there is no client certificate: name one with sslcert");
    options.minimum_version = to_version(where.minimum_tls_version);
    options.maximum_version = to_version(where.maximum_tls_version);
    options.protocol = tls_protocol;
    options.protocol_required = where.sslnegotiation == ssl_negotiation::direct;
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
    if (answer == 'E')
        throw tls_unavailable(std::string(stream.peer()) + " answered the request for TLS by an error", true);
    throw protocol_violation(std::string(stream.peer()) +
                             " answered the request for TLS by something else than S or N");
}

// The handshake, with what the mode asks for. A server that is there and fails at it may do better without.
io::op<std::unique_ptr<io::stream>> encrypt(std::unique_ptr<io::stream> plain, io::tls_options options) {
    try {
        co_return co_await io::tls_handshake(std::move(plain), std::move(options));
    } catch (const connect_failed& failed) {
        throw tls_unavailable(failed.what(), failed.is_transient());
    }
}

io::op<std::unique_ptr<io::stream>> connect_socket(const settings& where, const server_address& server) {
    if (server.is_unix_socket()) {
        auto socket = co_await io::connect_unix(server.host + "/.s.PGSQL." + std::to_string(server.port));
        require_peer(where, *socket);
        co_return std::move(socket);
    }
    const auto& reached = server.address.empty() ? server.host : server.address;
    co_return co_await io::connect_tcp(reached, server.port, make_tcp_options(where));
}

void require_no_certificate(const settings& where) {
    if (where.certificate_mode == ssl_certificate_mode::require)
        throw authentication_failed("sslcertmode=require, and the connection is not encrypted");
}

} // namespace

io::op<secured_stream> open_stream(const settings& where, const server_address& server, ssl_mode mode) {
    secured_stream result;
    result.stream = co_await connect_socket(where, server);
    bool encrypts = mode != ssl_mode::disable;
    if (encrypts && where.sslnegotiation == ssl_negotiation::postgres) {
        encrypts = co_await server_offers_tls(*result.stream);
        if (!encrypts && mode != ssl_mode::prefer)
            throw tls_not_offered("the server at " + std::string(result.stream->peer()) +
                                  " does not offer TLS, which sslmode asks for");
    }
    if (!encrypts) {
        require_no_certificate(where);
        co_return std::move(result);
    }
    auto options = make_tls_options(where, server, mode);
    result.server_verified = options.verify == io::tls_verification::full;
    result.stream = co_await encrypt(std::move(result.stream), std::move(options));
    result.tls = true;
    result.end_point = io::tls_server_end_point(*result.stream);
    co_return std::move(result);
}

} // namespace wharf::postgres
