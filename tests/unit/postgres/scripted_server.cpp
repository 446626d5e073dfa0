#include "scripted_server.hpp"

#include "postgres/protocol/bytes.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/postgres/connector.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <unistd.h>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

std::string number(std::int32_t value) {
    std::array<std::byte, 4> bytes{};
    protocol::store_big_endian(bytes.data(), value);
    return std::string(protocol::as_text(bytes));
}

} // namespace

scripted_peer::~scripted_peer() {
    ::SSL_free(tls_);
    ::close(socket_);
}

void scripted_peer::encrypt(SSL_CTX& context) {
    tls_ = ::SSL_new(&context);
    ::SSL_set_fd(tls_, socket_);
    if (::SSL_accept(tls_) != 1) throw std::runtime_error("the client does not shake hands");
}

int scripted_peer::hold() const {
    return ::fcntl(socket_, F_DUPFD_CLOEXEC, 0);
}

char scripted_peer::peek() const {
    char first = 0;
    if (::recv(socket_, &first, 1, MSG_PEEK) != 1) throw std::runtime_error("the client has gone");
    return first;
}

std::ptrdiff_t scripted_peer::read_some(char* into, std::size_t size) {
    if (tls_ == nullptr) return ::recv(socket_, into, size, 0);
    return ::SSL_read(tls_, into, static_cast<int>(size));
}

std::ptrdiff_t scripted_peer::write_some(const char* from, std::size_t size) {
    if (tls_ == nullptr) return ::send(socket_, from, size, MSG_NOSIGNAL);
    return ::SSL_write(tls_, from, static_cast<int>(size));
}

void scripted_peer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::ptrdiff_t sent = write_some(bytes.data(), bytes.size());
        if (sent <= 0) throw std::runtime_error("the client has gone");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string scripted_peer::read_exactly(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const std::ptrdiff_t got = read_some(bytes.data() + have, size - have);
        if (got <= 0) throw std::runtime_error("the client has gone");
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

void scripted_peer::read_until(char type) {
    for (;;) {
        const std::string head = read_exactly(5);
        const auto length = protocol::load_big_endian<std::int32_t>(protocol::as_bytes(head).data() + 1);
        read_exactly(static_cast<std::size_t>(length - 4));
        if (head[0] == type) return;
    }
}

std::string scripted_peer::read_request() {
    const std::string head = read_exactly(4);
    const auto length = protocol::load_big_endian<std::int32_t>(protocol::as_bytes(head).data());
    return read_exactly(static_cast<std::size_t>(length - 4));
}

void scripted_peer::read_startup() {
    static_cast<void>(read_request());
}

void scripted_peer::log_in() {
    read_startup();
    send(message('R', "\0\0\0\0"s) + message('S', "client_encoding\0UTF8\0"s) + message('K', "\0\0\0\1\0\0\0\2"s) +
         message('Z', "I"));
}

void scripted_peer::read_to_end() {
    std::array<char, 4096> bytes{};
    while (read_some(bytes.data(), bytes.size()) > 0) {
    }
}

void scripted_peer::reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

scripted_server::scripted_server(script play, place where) {
    if (where == place::unix_socket)
        listen_on_unix_socket();
    else
        listen_on_tcp();
    thread_ = std::thread([this, play = std::move(play)] {
        sigset_t signals; // OpenSSL writes to its sockets without MSG_NOSIGNAL
        ::sigemptyset(&signals);
        ::sigaddset(&signals, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        serve(play);
    });
}

void scripted_server::listen_on_unix_socket() {
    std::string pattern = "/tmp/wharf-scripted.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    directory_ = pattern;
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory_ + "/.s.PGSQL." + std::to_string(port_);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0)
        throw std::runtime_error("cannot listen on " + path);
}

void scripted_server::listen_on_tcp() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* name = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, name, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, name, &size) != 0)
        throw std::runtime_error("cannot listen on TCP");
    port_ = ntohs(address.sin_port);
    directory_ = "127.0.0.1";
}

scripted_server::~scripted_server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    if (!directory_.starts_with('/')) return;
    ::unlink((directory_ + "/.s.PGSQL." + std::to_string(port_)).c_str());
    ::rmdir(directory_.c_str());
}

void scripted_server::serve(const script& play) const {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const timeval patience{20, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        scripted_peer peer(socket);
        try {
            play(peer);
        } catch (const std::runtime_error&) {
            // The client left: tests see that on its side.
        }
    }
}

settings scripted_server::where() const {
    settings where;
    where.servers = {{directory_, port_}};
    where.user = "bob";
    return where;
}

std::unique_ptr<driver> scripted_server::connect() const {
    const auto to = make_connector(where());
    return io::run(to->connect(), call_options(std::chrono::seconds(20)));
}

std::string message(char type, std::string_view body) {
    return message_of_length(type, static_cast<std::int32_t>(body.size() + 4), body);
}

std::string message_of_length(char type, std::int32_t length, std::string_view body) {
    return type + number(length) + std::string(body);
}

std::string error_message(std::initializer_list<std::string_view> fields, char type) {
    std::string body;
    for (const std::string_view field : fields)
        body += std::string(field) + '\0';
    return message(type, body + '\0');
}

std::string prepared_answer() {
    return message('1') + message('t', "\0\0"s) +
           message('T', "\0\1n\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\0"s) + message('Z', "I");
}

std::string executed_answer() {
    return message('2') + message('D', "\0\1\0\0\0\4\0\0\0\7"s) + message('C', "SELECT 1\0"s) + message('Z', "I");
}

} // namespace wharf::postgres
