#include "scripted_server.hpp"

#include "postgres/protocol/bytes.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/postgres/connector.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <unistd.h>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

constexpr std::uint16_t port = 5432;

std::string number(std::int32_t value) {
    std::array<std::byte, 4> bytes{};
    protocol::store_big_endian(bytes.data(), value);
    return std::string(protocol::as_text(bytes));
}

} // namespace

scripted_peer::~scripted_peer() {
    ::close(socket_);
}

void scripted_peer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) throw std::runtime_error("the client has gone");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string scripted_peer::read_exactly(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const ssize_t got = ::recv(socket_, bytes.data() + have, size - have, 0);
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

void scripted_peer::read_startup() {
    const std::string head = read_exactly(4);
    const auto length = protocol::load_big_endian<std::int32_t>(protocol::as_bytes(head).data());
    read_exactly(static_cast<std::size_t>(length - 4));
}

void scripted_peer::log_in() {
    read_startup();
    send(message('R', "\0\0\0\0"s) + message('S', "client_encoding\0UTF8\0"s) + message('K', "\0\0\0\1\0\0\0\2"s) +
         message('Z', "I"));
}

void scripted_peer::read_to_end() {
    std::array<char, 4096> bytes{};
    while (::recv(socket_, bytes.data(), bytes.size(), 0) > 0) {
    }
}

void scripted_peer::reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

scripted_server::scripted_server(script play) {
    std::string pattern = "/tmp/wharf-scripted.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    directory_ = pattern;
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory_ + "/.s.PGSQL." + std::to_string(port);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0)
        throw std::runtime_error("cannot listen on " + path);
    thread_ = std::thread([this, play = std::move(play)] { serve(play); });
}

scripted_server::~scripted_server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    ::unlink((directory_ + "/.s.PGSQL." + std::to_string(port)).c_str());
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
    where.servers = {{directory_, port}};
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
